// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/train_job.h"

#include <algorithm>
#include <exception>
#include <functional>

#include "core/backend/backend.h"
#include "core/base/error.h"
#include "core/jobs/live_run.h"
#include "core/jobs/opened_run.h"
#include "core/jobs/run_blocksizes.h"
#include "core/jobs/run_recorder.h"
#include "core/runs/run_store.h"
#include "core/train/run_history.h"

namespace lorikeet {
namespace {

/// What a run that goes on begins with.
struct Beginning {
    std::optional<Checkpoint> from; ///< absent: from step 0
    bool isResumed = false;
    bool isFromQueue = false;
    std::vector<std::string> warnings; ///< to tell before all others

    int64_t step() const { return from ? from->state.step : 0; }
};

/// Gives back what the backends keep for the next step, when everything of the run is gone.
struct MemoryReturn {
    Workshop& workshop;
    ~MemoryReturn() { workshop.releaseMemory(); }
};

const RunObserver& orNobody(const RunObserver& observer) {
    static const RunObserver nobody = [](const RunEvent&) {};
    return observer ? observer : nobody;
}

/// Tells what the user should know; what an earlier part of the run has recorded is not recorded again.
void warn(const OpenedRun& run, const Beginning& beginning, RunStore& store, const std::string& id,
          RunRecorder& recorder, const RunObserver& heard) {
    for (const std::string& text : beginning.warnings)
        recorder(WarningEvent{text});
    const std::vector<WarningRecord> known = store.warnings(id);
    for (const std::string& text : run.warnings()) {
        const auto isSame = [&](const WarningRecord& warning) { return warning.text == text; };
        if (std::any_of(known.begin(), known.end(), isSame))
            heard(WarningEvent{text});
        else
            recorder(WarningEvent{text});
    }
}

/// The run's numbers up to where it goes on. Throws BadFile.
RunHistory historyUntil(const Beginning& beginning) {
    if (!beginning.from)
        return {};
    return historyOf(parseHistory(beginning.from->folder / "history.jsonl", beginning.from->history));
}

/// Makes what is recorded of a run what it was at the checkpoint that it goes on from.
void rewindRecord(const LiveRun& live, int64_t last, const RunHistory& history) {
    RunStore& store = live.store();
    const CheckpointShelf shelf(live.folder(), {});
    store.rewind(live.id(), last, history);
    std::vector<int64_t> recorded;
    for (const CheckpointRecord& checkpoint : store.checkpoints(live.id()))
        recorded.push_back(checkpoint.step);
    const std::vector<int64_t> there = shelf.steps();
    for (const int64_t step : recorded)
        if (!std::binary_search(there.begin(), there.end(), step))
            store.forgetCheckpoint(live.id(), step);
    for (const int64_t step : there)
        if (step <= last && !std::binary_search(recorded.begin(), recorded.end(), step))
            store.recordCheckpoint(live.id(), {.step = step, .path = shelf.folderOf(step).string()});
}

EndEvent trainRecorded(OpenedRun& run, LiveRun& live, Beginning& beginning, const RunObserver& heard,
                       RunControl& control) {
    const std::unique_ptr<StepPlanner> planner = run.data().planner();
    RunRecorder recorder(live.store(), live.id(), heard);
    TrainerParts parts = run.parts(live.id(), live.folder(), *planner);
    parts.phase = std::ref(recorder);
    const int64_t last = beginning.step();
    const RunHistory history = historyUntil(beginning);
    if (beginning.isResumed)
        parts.start.resumedFrom = last;
    parts.from = std::move(beginning.from);
    // All that can be wrong with where it goes on is found here, before anything is changed.
    Trainer trainer(run.config(), std::move(parts));
    recordBlocksizes(live.folder(), run.config(), run.blocksizes());
    live.start({.kernels = run.backend().kernels(),
                .totalSteps = plannedSteps(run.config().training, *planner),
                .estimate = namedBytes(run.estimate()),
                .trainableParameters = run.trainableParameters(),
                .rows = run.data().trainedRows(),
                .skippedRows = run.data().summary().skipped(),
                .moment = run.moment(),
                .isFromQueue = beginning.isFromQueue});
    if (beginning.isResumed)
        rewindRecord(live, last, history);
    // Scripts rely on the start being the first event.
    const auto warnAfterStart = [&](const RunEvent& event) {
        recorder(event);
        if (std::holds_alternative<StartEvent>(event))
            warn(run, beginning, live.store(), live.id(), recorder, heard);
    };
    return trainer.run(warnAfterStart, control);
}

/// Trains; however that ends, the record says so.
EndEvent conduct(OpenedRun& run, LiveRun& live, Beginning beginning, const RunObserver& heard, RunControl& control) {
    EndEvent end{.run = live.id(), .outcome = RunOutcome::Failed};
    std::exception_ptr failure;
    try {
        end = trainRecorded(run, live, beginning, heard, control);
    } catch (const Error& error) {
        failure = std::current_exception();
        end.reason = error.message();
        end.errorCode = errorCodeName(error.code());
    } catch (const std::exception& error) {
        failure = std::current_exception();
        end.reason = error.what();
        end.errorCode = "internal";
    }
    if (failure && beginning.isResumed && !live.hasStarted())
        std::rethrow_exception(failure);
    if (failure)
        end.peak = run.backend().ledger().peak();
    try {
        live.end(end);
    } catch (const Error& error) {
        // How the run ended matters more than its record, which reads as interrupted.
        heard(WarningEvent{fmt::format("the end of the run could not be recorded: {}", error.message()),
                           /*isRecorded=*/false});
    }
    heard(end);
    if (failure)
        std::rethrow_exception(failure);
    return end;
}

EndEvent endOf(const RunRecord& record) {
    EndEvent end{.run = record.id, .outcome = RunOutcome::Finished, .peak = memoryOf(record.peak)};
    if (record.adapter)
        (record.method == methodName(Method::Full) ? end.model : end.adapter) = *record.adapter;
    end.seconds = record.seconds.value_or(0.0);
    end.steps = record.steps;
    return end;
}

/// The configuration with which the run began, kernels included: others give other numbers. A run that has to begin
/// again on a processor that cannot run them takes what it finds.
RunConfig recordedConfig(Workshop& workshop, const RunRecord& record, const std::optional<Checkpoint>& from) {
    RunConfig config = parseRunConfig(record.config, "run " + record.id);
    const std::string& kernels = from && !from->identity.kernels.empty() ? from->identity.kernels : record.kernels;
    if (kernels.empty())
        return config;
    const std::string wished = std::exchange(config.kernels, kernels);
    try {
        workshop.backend(config.kernels);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::BadConfig)
            throw;
        if (!from) {
            config.kernels = wished;
            return config;
        }
        fail(ErrorCode::BadConfig,
             "run {}: it was trained with the kernels {}, which this processor cannot run, and others would give other "
             "numbers; resume it where it began, or train what it has made on in a new run "
             "(an adapter: lora.init_from)",
             record.id, kernels);
    }
    return config;
}

/// The date that the run's rows were rendered with, or are from now on.
WallTime momentOf(const Workshop& workshop, const RunRecord& record) {
    if (record.moment)
        return *record.moment;
    return record.started ? wallTimeAt(*record.started / 1000) : workshop.options().clock();
}

} // namespace

EndEvent trainRun(Workshop& workshop, const RunConfig& wanted, const RunObserver& observer,
                  const ProgressObserver& progress, RunControl& control) {
    validateRunConfig(wanted);
    const MemoryReturn memory{workshop};
    OpenedRun run(workshop, wanted, {.moment = workshop.options().clock()}, progress, control.interruption());
    LiveRun live(workshop.runs(), run.config());
    return conduct(run, live, {}, orNobody(observer), control);
}

EndEvent trainRun(Workshop& workshop, const RunConfig& wanted, const RunObserver& observer,
                  const ProgressObserver& progress, std::stop_token stop) {
    RunControl control(std::move(stop));
    return trainRun(workshop, wanted, observer, progress, control);
}

EndEvent resumeRun(Workshop& workshop, std::string_view id, const RunObserver& observer,
                   const ProgressObserver& progress, RunControl& control, ResumeOptions options) {
    const RunObserver& heard = orNobody(observer);
    RunStore& store = workshop.runs();
    const std::string run = store.get(id).id;
    LiveRun live(store, run, options.lock ? std::move(*options.lock) : RunLock(store.folder().run(run)));
    // Read again: only now nobody else changes it.
    const RunRecord record = store.get(run);
    if (record.state == RunState::Finished && !options.checkpoint) {
        const EndEvent end = endOf(record);
        heard(end);
        return end;
    }
    const MemoryReturn memory{workshop};
    const bool isFromQueue = record.state == RunState::Queued;
    Beginning beginning{.from = {}, .isResumed = true, .isFromQueue = isFromQueue, .warnings = {}};
    const auto note = [&](const std::string& text) { beginning.warnings.push_back(text); };
    CheckpointShelf shelf(live.folder(), {});
    if (!options.checkpoint)
        beginning.from = shelf.newest(run, note);
    else if (*options.checkpoint != 0)
        beginning.from = shelf.at(*options.checkpoint, run);
    OpenedRun opened(workshop, recordedConfig(workshop, record, beginning.from),
                     {.moment = momentOf(workshop, record),
                      .isFresh = !record.started,
                      .needsFreeMemory = isFromQueue,
                      .folder = live.folder(),
                      .from = beginning.from ? &*beginning.from : nullptr},
                     progress, control.interruption());
    if (beginning.from)
        requireSameBlocksizes(beginning.from->folder, opened.baseBlocksizes());
    return conduct(opened, live, std::move(beginning), heard, control);
}

} // namespace lorikeet
