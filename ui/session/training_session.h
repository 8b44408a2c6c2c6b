// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>

#include "core/jobs/job_progress.h"
#include "core/train/run_config.h"
#include "core/train/run_events.h"
#include "ui/session/failure.h"
#include "ui/session/mailbox.h"

namespace lorikeet {
class Workshop;
}

namespace lorikeet::ui {

/// How a training job ended. Without a run it ended before one was recorded.
struct TrainingEnd {
    QString run;
    RunOutcome outcome = RunOutcome::Failed;
    std::optional<Failure> failure; ///< a stop before the run began is Cancelled
    bool wasQuickStart = false;
};

/// The one run that trains in this process: it carries a job of core to a thread of its own and brings what it tells
/// back, as values, at most about 15 times a second. What it tells in detail stands in the database, where RunFeed
/// reads it. Lives in the GUI thread; everything here is called from there.
class TrainingSession : public QObject {
    Q_OBJECT
public:
    enum class Phase { Idle, FetchingModel, LoadingModel, ReadingData, Training };
    Q_ENUM(Phase)

    explicit TrainingSession(std::shared_ptr<Workshop> workshop, QObject* parent = nullptr);
    /// Stops what runs, which saves, and waits for it.
    ~TrainingSession() override;

    bool isActive() const { return m_phase != Phase::Idle; }
    bool isStopping() const { return m_isStopping; }
    Phase phase() const { return m_phase; }
    /// Of the phase, 0 to 1.
    double fraction() const { return m_fraction; }
    /// Id of the run that trains; empty before it is recorded and when nothing trains.
    const QString& run() const { return m_run; }
    const QString& name() const { return m_name; }
    /// The newest step of the run that trains.
    const std::optional<StepEvent>& step() const { return m_step; }

    /// Nothing may be active.
    void start(const RunConfig& config);
    /// Fetches the starter model where it is not there, and trains it on the starter dataset. Nothing may be active.
    void startQuickStart(const RunConfig& config, bool fetchesModel);
    /// Asks for the end of the run, which saves first; ended() follows.
    void stop();
    /// Stops, and blocks until the adapter is saved; ended() is not emitted any more.
    void stopAndWait();

signals:
    void changed();
    void runStarted(const QString& run);
    void warned(const QString& text);
    void ended(const lorikeet::ui::TrainingEnd& end);

private:
    class Courier;
    using Job = std::function<EndEvent(const RunObserver&, const ProgressObserver&, std::stop_token)>;

    void launch(const QString& name, bool isQuickStart, Job job);
    void take(const JobProgress& progress);
    void take(const RunEvent& event);
    void finish(const TrainingEnd& end);

    std::shared_ptr<Workshop> m_workshop;
    Phase m_phase = Phase::Idle;
    double m_fraction = 0.0;
    bool m_isStopping = false;
    QString m_run, m_name;
    std::optional<StepEvent> m_step;
    Mailbox m_mailbox;
    std::jthread m_thread; ///< last, so that it is joined first
};

} // namespace lorikeet::ui
