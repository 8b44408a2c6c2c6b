// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QObject>
#include <QString>
#include <QStringList>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/runs/data_folder.h"
#include "core/runs/run_record.h"
#include "ui/session/failure.h"
#include "ui/session/mailbox.h"

namespace lorikeet::ui {

class RunFeedWorker;

/// What the database has told of one run so far, each list in the order of steps.
struct RunHistory {
    RunRecord record;
    std::vector<StepMetrics> metrics;
    std::vector<StepMemory> memory;
    std::vector<EvaluationRecord> evaluations;
    std::vector<SampleRecord> samples;
    std::vector<CheckpointRecord> checkpoints;
    std::vector<WarningRecord> warnings;
};

/// What is new of a run since the last update: steps and memory after those known; the other lists whole.
struct RunUpdate {
    RunHistory news;
    bool startsAnew = false; ///< forget the steps that were known: the run went back to an earlier one
};

/// The runs as the database holds them, kept up to date while this process or another one trains: a thread of its own
/// looks for changes a few times a second. GUI thread.
class RunFeed : public QObject {
    Q_OBJECT
public:
    explicit RunFeed(DataFolder folder, QObject* parent = nullptr);
    /// Waits until the changes that were asked for are written.
    ~RunFeed() override;

    /// The newest first. Empty until the first changed().
    const std::vector<RunRecord>& runs() const { return m_runs; }
    /// Ids of the queued runs, the next one first.
    const QStringList& queue() const { return m_queue; }
    const RunRecord* find(const QString& id) const;
    /// The run's whole loss curve by at most 64 points.
    std::vector<LossPoint> lossPreview(const QString& id) const { return m_previews.value(id); }
    bool isLoaded() const { return m_isLoaded; }
    /// Why the database cannot be read, if it cannot.
    const std::optional<Failure>& problem() const { return m_problem; }
    /// Looks now.
    void refresh();
    void rename(const QString& id, const QString& name);
    /// Hides a run, or shows it again; a hidden one is purged after a day.
    void setDeleted(const QString& id, bool deleted);
    /// Puts a new run behind those that are queued.
    void enqueueNew(const NewRun& run);
    /// Puts a run that is known behind those that are queued.
    void enqueue(const QString& id);
    void dequeue(const QString& id);
    /// To a place of queue(), from 0.
    void moveInQueue(const QString& id, int place);
    /// Sends this when all changes that were asked for so far are made.
    void whenWritten(const Mailbox::Address& to, std::function<void()> letter);

signals:
    void changed();
    void problemChanged();
    /// A change that was asked for could not be made.
    void refused(const lorikeet::ui::Failure& why);
    /// For RunFollower.
    void updated(const QString& run, std::shared_ptr<const lorikeet::ui::RunUpdate> update);

private:
    friend class RunFollower;
    friend class RunFeedWorker;
    void follow(const QString& run);
    void unfollow(const QString& run);
    void take(const std::vector<RunRecord>& runs, const QStringList& queue,
              const QHash<QString, std::vector<LossPoint>>& previews);
    void take(const Failure& why);

    std::vector<RunRecord> m_runs;
    QStringList m_queue;
    QHash<QString, std::vector<LossPoint>> m_previews;
    bool m_isLoaded = false;
    std::optional<Failure> m_problem;
    QHash<QString, int> m_followers;
    Mailbox m_mailbox;
    std::unique_ptr<RunFeedWorker> m_worker;
};

/// One run, followed while this exists: its whole history so far, then what comes. GUI thread.
class RunFollower : public QObject {
    Q_OBJECT
public:
    RunFollower(RunFeed& feed, const QString& run, QObject* parent = nullptr);
    ~RunFollower() override;

    const QString& run() const { return m_run; }
    const RunHistory& history() const { return m_history; }
    bool isLoaded() const { return m_isLoaded; }

signals:
    /// After history() has taken in the update.
    void updated(const lorikeet::ui::RunUpdate& update);

private:
    void take(const RunUpdate& update);

    RunFeed& m_feed;
    QString m_run;
    RunHistory m_history;
    bool m_isLoaded = false;
};

} // namespace lorikeet::ui
