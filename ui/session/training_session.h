// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>

#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "core/jobs/job_progress.h"
#include "core/runs/run_lock.h"
#include "core/train/run_config.h"
#include "core/train/run_control.h"
#include "core/train/run_events.h"
#include "ui/session/failure.h"
#include "ui/session/mailbox.h"

namespace lorikeet {
class Workshop;
}

namespace lorikeet::ui {

/// How a training job ended. Without a run it ended before one was recorded, or before one that is resumed went on.
struct TrainingEnd {
    QString run;
    RunOutcome outcome = RunOutcome::Failed;
    std::optional<Failure> failure; ///< a stop or pause before the run began is Cancelled
    bool wasQuickStart = false;
    bool wasResumed = false;
    bool wasAskedFor = false; ///< somebody has stopped or paused it
    QString name;             ///< of the run
    QString reason;           ///< why it paused by itself or ended early, and what to do
    bool staysQueued = false; ///< it came from the queue, could not begin, and could not be taken out either

    /// Ended otherwise than it was to: it failed, or paused by itself.
    bool hasTrouble() const;
};

/// The one run that trains in this process: it carries a job of core to a thread of its own and brings what it tells
/// back, as values, at most about 15 times a second. What it tells in detail stands in the database, where RunFeed
/// reads it. Lives in the GUI thread; everything here is called from there.
class TrainingSession : public QObject {
    Q_OBJECT
public:
    enum class Phase { Idle, FetchingModel, LoadingModel, ReadingData, ChoosingBlocksizes, Training };
    Q_ENUM(Phase)

    explicit TrainingSession(std::shared_ptr<Workshop> workshop, QObject* parent = nullptr);
    /// Stops what runs, which saves, and waits for it.
    ~TrainingSession() override;

    bool isActive() const { return m_phase != Phase::Idle; }
    bool isStopping() const { return m_ending == Ending::Stopping; }
    bool isPausing() const { return m_ending == Ending::Pausing; }
    bool isQuickStart() const { return m_isQuickStart; }
    /// Whether the run came from the queue by itself, rather than because somebody has just asked for it.
    bool isFromQueue() const { return m_isFromQueue; }
    Phase phase() const { return m_phase; }
    /// Of the phase, 0 to 1.
    double fraction() const { return m_fraction; }
    /// Id of the run that trains or is being resumed; empty before a new one is recorded and when nothing trains.
    const QString& run() const { return m_run; }
    const QString& name() const { return m_name; }
    /// The newest step of the run that trains.
    const std::optional<StepEvent>& step() const { return m_step; }

    /// Nothing may be active.
    void start(const RunConfig& config);
    /// Goes on with a recorded run, or begins one that was queued. Nothing may be active.
    void resume(const QString& run, const QString& name);
    /// The same with a run that was taken from the queue. One that cannot begin leaves the queue.
    void resumeQueued(const QString& run, const QString& name, std::shared_ptr<RunLock> lock);
    /// Fetches the starter model where it is not there, and trains it on the starter dataset. Nothing may be active.
    void startQuickStart(const RunConfig& config, bool fetchesModel);
    /// Asks for the end of the run, which saves first; ended() follows.
    void stop();
    /// Asks for the end of the run, which saves a checkpoint and gives its memory back; ended() follows. A stop may
    /// still be asked for.
    void pause();
    /// Has the run save a checkpoint after the step under way.
    void saveNow();
    /// Whether what saveNow() asked for is still to come.
    bool isSaving() const { return m_isSaving; }
    /// Stops, and blocks until the adapter is saved; ended() is not emitted any more.
    void stopAndWait();

signals:
    void changed();
    void runStarted(const QString& run);
    /// What the user should know of the run that trains, and its record does not tell.
    void warned(const QString& text);
    void ended(const lorikeet::ui::TrainingEnd& end);

private:
    class Courier;
    enum class Ending { None, Pausing, Stopping };
    using Job = std::function<EndEvent(const RunObserver&, const ProgressObserver&, RunControl&)>;
    /// A run could not begin, nor leave the queue.
    struct StaysQueued {
        Failure why;
    };

    void launch(const QString& run, const QString& name, Job job);
    void take(const JobProgress& progress);
    void take(const RunEvent& event);
    void finish(TrainingEnd end);
    void hasSaved();
    /// Of the run that has ended.
    void forget();

    std::shared_ptr<Workshop> m_workshop;
    Phase m_phase = Phase::Idle;
    double m_fraction = 0.0;
    Ending m_ending = Ending::None;
    bool m_isQuickStart = false;
    bool m_isFromQueue = false;
    bool m_isSaving = false;
    QString m_run, m_name;
    std::optional<StepEvent> m_step;
    Mailbox m_mailbox;
    std::shared_ptr<RunControl> m_control; ///< of the run that trains, shared with its thread
    std::jthread m_thread;                 ///< last, so that it is joined first
};

} // namespace lorikeet::ui
