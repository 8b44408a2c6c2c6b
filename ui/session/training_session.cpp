// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/training_session.h"

#include <chrono>
#include <utility>

#include "core/base/error.h"
#include "core/jobs/quick_start.h"
#include "core/jobs/train_job.h"
#include "core/jobs/workshop.h"
#include "core/runs/run_store.h"

namespace lorikeet::ui {

namespace {

/// Takes a run that cannot begin out of the queue; false where the database cannot be written.
bool leaveQueue(Workshop& workshop, const std::string& run, const Failure& why) {
    try {
        workshop.runs().dropFromQueue(run, errorCodeName(why.code), why.message.toStdString());
        return true;
    } catch (...) {
        return false;
    }
}

} // namespace

bool TrainingEnd::hasTrouble() const {
    return failure ? !failure->isCancelled() : outcome == RunOutcome::Paused && !reason.isEmpty();
}

/// Carries events from the job's thread to the session's. Steps and progress of which newer ones are known by the time
/// they would arrive are left out.
class TrainingSession::Courier {
public:
    explicit Courier(TrainingSession& session) : m_session(session), m_address(session.m_mailbox.address()) {}

    void send(const RunEvent& event) {
        if (std::holds_alternative<StepEvent>(event) && !isDue())
            return;
        post([event](TrainingSession& session) { session.take(event); });
    }

    void send(const JobProgress& progress) {
        if (m_stage == progress.stage && progress.fraction < 1.0 && !isDue())
            return;
        m_stage = progress.stage;
        post([progress](TrainingSession& session) { session.take(progress); });
    }

    void send(const TrainingEnd& end) {
        post([end](TrainingSession& session) { session.finish(end); });
    }

private:
    bool isDue() {
        constexpr auto kInterval = std::chrono::milliseconds(66);
        const auto now = std::chrono::steady_clock::now();
        if (now - m_last < kInterval)
            return false;
        m_last = now;
        return true;
    }

    template <typename Function>
    void post(Function function) {
        m_address.send([&session = m_session, function = std::move(function)] { function(session); });
    }

    TrainingSession& m_session; ///< for the GUI thread only
    Mailbox::Address m_address;
    std::chrono::steady_clock::time_point m_last;
    std::optional<JobStage> m_stage;
};

TrainingSession::TrainingSession(std::shared_ptr<Workshop> workshop, QObject* parent)
    : QObject(parent), m_workshop(std::move(workshop)) {}

TrainingSession::~TrainingSession() {
    stopAndWait();
}

void TrainingSession::start(const RunConfig& config) {
    launch({}, QString::fromStdString(config.name),
           [workshop = m_workshop, config](const RunObserver& observer, const ProgressObserver& progress,
                                           RunControl& control) {
               return trainRun(*workshop, config, observer, progress, control);
           });
}

void TrainingSession::startQuickStart(const RunConfig& config, bool fetchesModel) {
    m_isQuickStart = true;
    launch({}, QString::fromStdString(config.name),
           [workshop = m_workshop, config, fetchesModel](const RunObserver& observer, const ProgressObserver& progress,
                                                         RunControl& control) {
               RunConfig whole = config;
               if (fetchesModel)
                   whole.model = fetchStarterModel(*workshop, progress, control.interruption());
               return trainRun(*workshop, whole, observer, progress, control);
           });
}

void TrainingSession::resume(const QString& run, const QString& name) {
    launch(run, name,
           [workshop = m_workshop, id = run.toStdString()](const RunObserver& observer,
                                                           const ProgressObserver& progress, RunControl& control) {
               return resumeRun(*workshop, id, observer, progress, control);
           });
}

void TrainingSession::resumeQueued(const QString& run, const QString& name, std::shared_ptr<RunLock> lock) {
    m_isFromQueue = true;
    launch(run, name,
           [workshop = m_workshop, id = run.toStdString(), lock = std::move(lock)](
               const RunObserver& observer, const ProgressObserver& progress, RunControl& control) {
               try {
                   return resumeRun(*workshop, id, observer, progress, control, {.lock = std::move(*lock)});
               } catch (...) {
                   // Or it would be taken again and again, and those behind it never.
                   if (const Failure why = currentFailure(); !why.isCancelled() && !leaveQueue(*workshop, id, why))
                       throw StaysQueued{why};
                   throw;
               }
           });
}

void TrainingSession::launch(const QString& run, const QString& name, Job job) {
    Q_ASSERT(!isActive());
    m_phase = Phase::LoadingModel;
    m_fraction = 0.0;
    m_ending = Ending::None;
    m_run = run;
    m_step.reset();
    m_name = name;
    m_control = std::make_shared<RunControl>();
    m_thread = std::jthread(
        [this, control = m_control, isQuickStart = m_isQuickStart, isResumed = !run.isEmpty(), job = std::move(job)] {
            Courier courier(*this);
            TrainingEnd result;
            result.wasQuickStart = isQuickStart;
            result.wasResumed = isResumed;
            const auto note = [&](const RunEvent& event) {
                if (const auto* start = std::get_if<StartEvent>(&event))
                    result.run = QString::fromStdString(start->run);
                courier.send(event);
            };
            try {
                const EndEvent end = job(
                    note, [&](const JobProgress& progress) { courier.send(progress); }, *control);
                result.outcome = end.outcome;
                result.reason = QString::fromStdString(end.reason);
                if (end.outcome == RunOutcome::Failed)
                    result.failure = Failure{ErrorCode::InvalidArgument, result.reason};
            } catch (const StaysQueued& stays) {
                result.staysQueued = true;
                result.failure = stays.why;
            } catch (...) {
                result.failure = currentFailure();
            }
            courier.send(result);
        });
    emit changed();
}

void TrainingSession::stop() {
    if (!isActive() || isStopping())
        return;
    m_ending = Ending::Stopping;
    m_control->stop();
    emit changed();
}

void TrainingSession::pause() {
    if (!isActive() || m_ending != Ending::None)
        return;
    m_ending = Ending::Pausing;
    m_control->pause();
    emit changed();
}

void TrainingSession::saveNow() {
    if (!isActive() || m_isSaving)
        return;
    m_isSaving = true;
    m_control->saveNow();
    emit changed();
}

void TrainingSession::stopAndWait() {
    if (!m_thread.joinable())
        return;
    m_control->stop();
    m_thread.join();
    // What the thread has told meanwhile is for nobody any more.
    m_mailbox.clear();
    forget();
}

void TrainingSession::forget() {
    m_phase = Phase::Idle;
    m_ending = Ending::None;
    m_isQuickStart = false;
    m_isFromQueue = false;
    m_isSaving = false;
    m_run.clear();
    m_control.reset();
}

void TrainingSession::take(const JobProgress& progress) {
    switch (progress.stage) {
    case JobStage::FetchingModel:
        m_phase = Phase::FetchingModel;
        break;
    case JobStage::ChoosingBlocksizes:
        m_phase = Phase::ChoosingBlocksizes;
        break;
    case JobStage::LoadingModel:
        m_phase = Phase::LoadingModel;
        break;
    case JobStage::ReadingData:
        m_phase = Phase::ReadingData;
        break;
    }
    m_fraction = progress.fraction;
    emit changed();
}

void TrainingSession::take(const RunEvent& event) {
    if (const auto* start = std::get_if<StartEvent>(&event)) {
        m_phase = Phase::Training;
        m_fraction = 0.0;
        m_run = QString::fromStdString(start->run);
        emit runStarted(m_run);
        emit changed();
    } else if (const auto* step = std::get_if<StepEvent>(&event)) {
        m_step = *step;
        m_fraction = step->steps > 0 ? double(step->step) / double(step->steps) : 0.0;
        emit changed();
    } else if (const auto* warning = std::get_if<WarningEvent>(&event)) {
        hasSaved(); // or tells why not
        if (!warning->isRecorded)
            emit warned(QString::fromStdString(warning->text));
    } else if (std::holds_alternative<CheckpointEvent>(event)) {
        hasSaved();
    }
}

void TrainingSession::hasSaved() {
    if (std::exchange(m_isSaving, false))
        emit changed();
}

void TrainingSession::finish(TrainingEnd end) {
    m_thread.join();
    end.name = m_name.isEmpty() ? tr("The run") : m_name;
    end.wasAskedFor = m_ending != Ending::None;
    forget();
    emit changed();
    emit ended(end);
}

} // namespace lorikeet::ui
