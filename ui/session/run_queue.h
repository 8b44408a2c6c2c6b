// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include <memory>

#include "ui/session/background.h"
#include "ui/session/failure.h"
#include "ui/session/mailbox.h"

namespace lorikeet {
class Workshop;
}

namespace lorikeet::ui {

class RunFeed;
class TrainingSession;
struct TrainingEnd;

/// Trains the queued runs one after the other: the next one begins when a run of this window ends, unless that was
/// paused or its start given up, could neither begin nor leave the queue, or the user wants it otherwise. GUI thread.
class RunQueue : public QObject {
    Q_OBJECT
public:
    /// The references must outlive it.
    RunQueue(std::shared_ptr<Workshop> workshop, TrainingSession& training, RunFeed& runs, QObject* parent = nullptr);

    /// Begins with the next queued run that no other process has taken. Nothing where none is queued, or one trains.
    void startNext() { startNext(Asked::Yes); }
    /// Whether the next one is being taken from the queue.
    bool isStarting() const { return m_isStarting; }
    /// Begins with nothing any more: the window closes.
    void close() { m_isClosed = true; }
    /// The window stays open after all.
    void reopen() { m_isClosed = false; }

signals:
    /// The user asked for the next run, and it could not be taken from the queue, or none of those that wait can be.
    void refused(const lorikeet::ui::Failure& why);

private:
    struct Next;
    enum class Asked { No, Yes }; ///< by the user, who wants to know why nothing begins
    void startNext(Asked asked);
    void onEnded(const TrainingEnd& end);
    void take(Asked asked);
    void begin(const std::shared_ptr<Next>& next);

    std::shared_ptr<Workshop> m_workshop;
    TrainingSession& m_training;
    RunFeed& m_runs;
    bool m_isStarting = false;
    bool m_isClosed = false;
    Mailbox m_mailbox;
    BackgroundTask m_task;
};

} // namespace lorikeet::ui
