// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/run_queue.h"

#include "core/jobs/workshop.h"
#include "core/runs/run_store.h"
#include "ui/session/run_feed.h"
#include "ui/session/settings.h"
#include "ui/session/training_session.h"

namespace lorikeet::ui {

/// A run that was taken from the queue; nobody else takes it while this lives.
struct RunQueue::Next {
    QString id, name;
    std::shared_ptr<RunLock> lock;
};

RunQueue::RunQueue(std::shared_ptr<Workshop> workshop, TrainingSession& training, RunFeed& runs, QObject* parent)
    : QObject(parent), m_workshop(std::move(workshop)), m_training(training), m_runs(runs) {
    connect(&m_training, &TrainingSession::ended, this, &RunQueue::onEnded);
}

void RunQueue::onEnded(const TrainingEnd& end) {
    // Not where the run was taken out of the queue while it was opened: the others wait on.
    const bool wasGivenUp = end.failure && end.failure->isCancelled() && end.wasAskedFor;
    // Whoever pauses a run wants its memory back.
    const bool wasPaused = !end.failure && end.outcome == RunOutcome::Paused;
    // One that stays in the queue would be taken again at once, and fail again.
    if (!wasGivenUp && !wasPaused && !end.staysQueued && Settings().startsQueue())
        startNext(Asked::No);
}

void RunQueue::startNext(Asked asked) {
    if (m_isClosed || m_isStarting || m_training.isActive())
        return;
    m_isStarting = true;
    // A run that was added while the last one trained may not be written yet.
    m_runs.whenWritten(m_mailbox.address(), [this, asked] { take(asked); });
}

void RunQueue::take(Asked asked) {
    m_task = runInBackground(
        this,
        [workshop = m_workshop](const std::stop_token&) {
            std::optional<TakenRun> taken = workshop->runs().takeFirst();
            if (!taken && workshop->runs().queue().empty())
                return std::shared_ptr<Next>();
            if (!taken)
                fail(ErrorCode::NotFound, "none of the queued runs can begin: their folders cannot be opened, or other "
                                          "programs have taken them; the page of runs can take them out of the queue");
            const RunRecord run = workshop->runs().get(taken->id);
            return std::make_shared<Next>(Next{QString::fromStdString(run.id),
                                               QString::fromStdString(run.name.empty() ? run.id : run.name),
                                               std::make_shared<RunLock>(std::move(taken->lock))});
        },
        [this](const std::shared_ptr<Next>& next) {
            m_isStarting = false;
            begin(next);
        },
        [this, asked](const Failure& why) {
            m_isStarting = false;
            if (asked == Asked::Yes)
                emit refused(why);
        });
}

void RunQueue::begin(const std::shared_ptr<Next>& next) {
    if (next && !m_isClosed && !m_training.isActive()) // else it stays in the queue
        m_training.resumeQueued(next->id, next->name, next->lock);
}

} // namespace lorikeet::ui
