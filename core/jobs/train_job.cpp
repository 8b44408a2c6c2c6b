// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/train_job.h"

#include <exception>
#include <functional>
#include <optional>

#include "core/backend/backend.h"
#include "core/base/error.h"
#include "core/jobs/generate_job.h"
#include "core/jobs/model_library.h"
#include "core/jobs/run_parts.h"
#include "core/jobs/run_recorder.h"
#include "core/jobs/training_data.h"
#include "core/model/base_model.h"
#include "core/runs/run_lock.h"
#include "core/runs/run_store.h"
#include "core/train/lora_spec.h"
#include "core/train/memory_plan.h"
#include "core/train/trainer.h"

namespace lorikeet {
namespace {

namespace fs = std::filesystem;

void requireRoom(const fs::path& folder, const RunConfig& config, int64_t trainableParameters) {
    const int64_t needed = roomForRun(config, trainableParameters);
    std::error_code error;
    const fs::space_info space = fs::space(folder, error);
    if (!error && int64_t(space.available) < needed)
        fail(ErrorCode::Io,
             "{}: the disk has {} MB free, the run needs about {} MB for its adapters; make room or choose "
             "another data folder (--data-dir)",
             folder.string(), space.available >> 20, needed >> 20);
}

void requirePositions(const TrainingData& data, const ModelConfig& model) {
    if (data.summary().longest > model.maxPositions)
        fail(
            ErrorCode::BadConfig,
            "data.max_length: the longest row has {} tokens, but the model has {} positions; set data.max_length to {} "
            "or less",
            data.summary().longest, model.maxPositions, model.maxPositions);
}

/// A run that has been recorded and is alive. However it ends, its record says so.
class LiveRun {
public:
    LiveRun(RunStore& store, const RunConfig& config)
        : m_store(store), m_id(store
                                   .create({.name = config.name,
                                            .model = config.model,
                                            .dataset = config.data.train,
                                            .method = std::string(methodName(config.method)),
                                            .config = serialiseRunConfig(config)})
                                   .id),
          m_folder(store.folder().run(m_id)) {
        try {
            m_lock.emplace(m_folder);
        } catch (const Error& error) {
            end({.run = m_id, .outcome = RunOutcome::Failed, .reason = error.message()}, errorCodeName(error.code()));
            throw;
        }
    }

    const std::string& id() const { return m_id; }
    const fs::path& folder() const { return m_folder; }
    void start(const RunStart& start) { m_store.start(m_id, start); }

    void end(const EndEvent& end, std::string_view errorCode) {
        RunEnd record{.state = stateOf(end.outcome), .adapter = std::nullopt, .peak = namedBytes(end.peak)};
        if (end.seconds > 0.0)
            record.seconds = end.seconds;
        if (end.adapter)
            record.adapter = end.adapter->string();
        if (end.outcome == RunOutcome::Failed) {
            record.errorCode = errorCode;
            record.errorMessage = end.reason;
        }
        m_store.end(m_id, record);
    }

private:
    static RunState stateOf(RunOutcome outcome) {
        switch (outcome) {
        case RunOutcome::Finished:
            return RunState::Finished;
        case RunOutcome::Stopped:
            return RunState::Stopped;
        case RunOutcome::Failed:
            break;
        }
        return RunState::Failed;
    }

    RunStore& m_store;
    std::string m_id;
    fs::path m_folder;
    std::optional<RunLock> m_lock;
};

/// What a run needs, opened and checked before anything of it is recorded.
struct OpenedRun {
    RunConfig config;
    ModelText text;
    std::optional<TrainingData> data;
    std::unique_ptr<ExecutionContext> context;
    std::shared_ptr<const BaseModel> base;
    std::optional<LoraAdapter> adapter;
    MemoryByTag estimate;
};

OpenedRun openRun(Workshop& workshop, const RunConfig& wanted, const ProgressObserver& progress, std::stop_token stop) {
    OpenedRun run;
    const fs::path model = resolveModel(workshop.folder(), wanted.model);
    const ModelConfig modelConfig = readModelConfig(model);
    run.config = completedRun(wanted, modelConfig);
    run.text = openText(model);
    workshop.runs();
    run.data.emplace(run.config, run.text, workshop.options().threads, progress, stop);
    requirePositions(*run.data, modelConfig);
    run.estimate = planMemory(modelConfig, tableType(model), run.config, largestBatch(run.data->lengths(), run.config));

    run.context = workshop.backend(run.config.kernels).createContext();
    const auto loading = [&](double fraction) {
        if (progress)
            progress({JobStage::LoadingModel, fraction});
    };
    run.base = workshop.base(*run.context, model, baseChoice(run.config), loading, stop);
    if (run.config.lora.initFrom.empty())
        run.adapter.emplace(*run.context, run.base->config(), loraSpec(run.config.lora), run.config.training.seed,
                            true);
    else
        run.adapter.emplace(LoraAdapter::load(*run.context, run.base->config(), run.config.lora.initFrom, true));
    requireRoom(workshop.folder().root, run.config, run.adapter->parameterCount());
    return run;
}

TrainerParts partsOf(OpenedRun& run, const LiveRun& live, StepPlanner& planner) {
    TrainerParts parts{.context = *run.context, .base = *run.base, .adapter = *run.adapter, .planner = planner};
    parts.evaluation = run.data->evaluation();
    const bool isChat = run.data->dataset().usesChatTemplate();
    if (!run.config.samples.prompts.empty())
        parts.sample = [&run, isChat](const std::string& prompt, std::stop_token stop) {
            const GenerateRequest request{
                .prompt = prompt, .maxNewTokens = run.config.samples.maxNewTokens, .seed = run.config.training.seed};
            return continuePrompt(*run.context, {*run.base, &*run.adapter, *run.text.tokenizer},
                                  isChat ? &*run.text.chatTemplate : nullptr, request, {}, std::move(stop))
                .text;
        };
    parts.folder = live.folder();
    parts.trainedOver = {.model = run.config.model,
                         .quantization = run.base->quantization(),
                         .computeType = run.config.computeType,
                         .chatTemplate = isChat ? TemplateChoice::Chat : TemplateChoice::Plain,
                         .run = live.id()};
    parts.start = {.run = live.id(),
                   .rows = run.data->trainedRows(),
                   .skipped = run.data->summary().skipped(),
                   .estimate = run.estimate};
    return parts;
}

/// What the user should know of a run that starts now.
void warn(const OpenedRun& run, const RunObserver& observer) {
    for (const std::string& remark : run.data->remarks())
        observer(WarningEvent{remark});
    const int64_t memory = run.context->backend().totalMemory();
    if (run.estimate.total() > memory)
        observer(WarningEvent{fmt::format("the run is estimated to need {} MB, the device has {} MB",
                                          run.estimate.total() >> 20, memory >> 20)});
}

EndEvent trainRecorded(RunStore& store, OpenedRun& run, LiveRun& live, const RunObserver& heard, std::stop_token stop) {
    const std::unique_ptr<StepPlanner> planner = run.data->planner();
    live.start({.kernels = run.context->backend().kernels(),
                .totalSteps = plannedSteps(run.config.training, *planner),
                .estimate = namedBytes(run.estimate),
                .trainableParameters = run.adapter->parameterCount(),
                .rows = run.data->trainedRows(),
                .skippedRows = run.data->summary().skipped()});
    RunRecorder recorder(store, live.id(), heard);
    // Scripts rely on the start being the first event.
    const auto warnAfterStart = [&](const RunEvent& event) {
        recorder(event);
        if (std::holds_alternative<StartEvent>(event))
            warn(run, std::ref(recorder));
    };
    TrainerParts parts = partsOf(run, live, *planner);
    parts.phase = std::ref(recorder);
    Trainer trainer(run.config, std::move(parts));
    return trainer.run(warnAfterStart, stop);
}

} // namespace

EndEvent trainRun(Workshop& workshop, const RunConfig& wanted, const RunObserver& observer,
                  const ProgressObserver& progress, std::stop_token stop) {
    validateRunConfig(wanted);
    OpenedRun run = openRun(workshop, wanted, progress, stop);
    LiveRun live(workshop.runs(), run.config);
    const RunObserver heard = observer ? observer : [](const RunEvent&) {};

    EndEvent end{.run = live.id(), .outcome = RunOutcome::Failed};
    std::string errorCode;
    std::exception_ptr failure;
    try {
        end = trainRecorded(workshop.runs(), run, live, heard, stop);
        errorCode = end.outcome == RunOutcome::Failed ? "not_finite" : "";
    } catch (const Error& error) {
        failure = std::current_exception();
        end.reason = error.message();
        errorCode = errorCodeName(error.code());
    } catch (const std::exception& error) {
        failure = std::current_exception();
        end.reason = error.what();
        errorCode = "internal";
    }
    if (failure)
        end.peak = run.context->backend().ledger().peak();
    try {
        live.end(end, errorCode);
    } catch (const Error& error) {
        // How the run ended matters more than its record, which reads as interrupted.
        heard(WarningEvent{fmt::format("the end of the run could not be recorded: {}", error.message())});
    }
    heard(end);
    if (failure)
        std::rethrow_exception(failure);
    return end;
}

} // namespace lorikeet
