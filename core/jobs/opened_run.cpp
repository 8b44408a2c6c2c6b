// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/opened_run.h"

#include "core/backend/workspace_sizes.h"
#include "core/base/error.h"
#include "core/base/system_memory.h"
#include "core/jobs/generate_job.h"
#include "core/jobs/model_identity.h"
#include "core/jobs/model_library.h"
#include "core/jobs/model_texts.h"
#include "core/jobs/run_blocksizes.h"
#include "core/jobs/run_fit.h"
#include "core/jobs/run_parts.h"
#include "core/model/base_model.h"
#include "core/model/model_files.h"
#include "core/train/lora_spec.h"
#include "core/train/memory_plan.h"

namespace lorikeet {
namespace {

namespace fs = std::filesystem;

void requireRoom(const fs::path& folder, int64_t needed) {
    std::error_code error;
    const fs::space_info space = fs::space(folder, error);
    if (!error && int64_t(space.available) < needed)
        fail(ErrorCode::Io,
             "{}: the disk has {} MB free, the run needs about {} MB for its result and checkpoints; make room or "
             "choose another data folder (--data-dir)",
             folder.string(), space.available >> 20, needed >> 20);
}

void requireFreeMemory(const MemoryByTag& estimate, const Backend& backend) {
    const int64_t total = backend.totalMemory();
    const int64_t free = total - std::min(total, systemMemory().others());
    if (estimate.total() > free)
        fail(ErrorCode::OutOfMemory,
             "the run needs {} MB, but {} MB of the {} MB are free: other programs hold the rest; close some of them, "
             "or make the run smaller",
             estimate.total() >> 20, free >> 20, total >> 20);
}

/// The run's file with all that is decided at its start. What an adapter to go on from has decided, a checkpoint knows.
RunConfig startedRun(const RunConfig& wanted, const ModelConfig& model, const Checkpoint* from) {
    if (!from || wanted.lora.initFrom.empty())
        return completedRun(wanted, model);
    RunConfig config = withAbsolutePaths(wanted);
    config.lora = from->identity.config.lora;
    return config;
}

/// About: packs of one epoch stand for those of all.
int64_t stepsOf(const RunConfig& config, const TrainingData& data) {
    if (config.training.maxSteps)
        return *config.training.maxSteps;
    const int64_t perEpoch = data.planner()->stepsInEpoch(0);
    return plannedSteps(config.training, [perEpoch](int64_t) { return perEpoch; });
}

void requirePositions(const TrainingData& data, const ModelConfig& model) {
    if (data.summary().longest > model.maxPositions)
        fail(
            ErrorCode::BadConfig,
            "data.max_length: the longest row has {} tokens, but the model has {} positions; set data.max_length to {} "
            "or less",
            data.summary().longest, model.maxPositions, model.maxPositions);
}

} // namespace

OpenedRun::OpenedRun(Workshop& workshop, const RunConfig& wanted, const OpeningOptions& options,
                     const ProgressObserver& progress, std::stop_token stop)
    : m_moment(options.moment) {
    const fs::path model = resolveModel(workshop.folder(), wanted.model);
    const ModelConfig modelConfig = readModelConfig(model);
    m_config = startedRun(wanted, modelConfig, options.from);
    m_identity = modelIdentity(model);
    m_text = openText(model, m_moment);
    workshop.runs();
    m_data.emplace(m_config, m_text, workshop.options().threads, progress, stop);
    requirePositions(*m_data, modelConfig);
    const StoredQuantization stored = storedQuantization(model);
    requireAsStored(m_config, stored);
    const int64_t parameters = lorikeet::trainableParameters(modelConfig, m_config);
    // Before the weights are looked at, which takes its time.
    requireRoom(workshop.folder().root, options.isFresh ? roomForRun(m_config, parameters, stepsOf(m_config, *m_data))
                                                        : roomForNextSave(parameters));
    m_blocksizes = runBlocksizes(m_config, model, options.folder, workshop.options().threads, progress, stop);
    m_estimate = MemoryPlanner(modelConfig, tableType(model), m_data->lengths(), m_data->evaluationLengths(),
                               workshop.workspace(m_config.kernels), stored.spec ? stored.blocksizes : m_blocksizes)
                     .peak(asStored(m_config, stored.spec));

    if (options.needsFreeMemory)
        requireFreeMemory(m_estimate, workshop.backend(m_config.kernels));

    m_context = workshop.backend(m_config.kernels).createContext();
    const auto loading = [&](double fraction) {
        if (progress)
            progress({JobStage::LoadingModel, fraction});
    };
    if (m_config.method == Method::Full) {
        openWhole(model, {.quantization = {},
                          .blocksizes = {},
                          .threads = workshop.options().threads,
                          .progress = loading,
                          .stop = std::move(stop)});
        return;
    }
    BaseChoice choice = baseChoice(m_config);
    choice.blocksizes = m_blocksizes;
    m_base = workshop.base(*m_context, model, choice, loading, stop);
    if (m_config.lora.initFrom.empty())
        m_adapter.emplace(*m_context, *m_base, loraSpec(m_config.lora), m_config.training.seed, true);
    else
        m_adapter.emplace(LoraAdapter::load(*m_context, m_base->config(),
                                            options.from ? options.from->folder : fs::path(m_config.lora.initFrom),
                                            true));
}

void OpenedRun::openWhole(const fs::path& model, const LoadOptions& options) {
    ModelFiles files = openModelFiles(model);
    untieOtherHead(files);
    m_modelTexts = finetunedTexts(files, model);
    m_adapter.emplace(LoraAdapter::whole(*m_context, files, options, true));
    m_base = BaseModel::withoutWeights(files.config, m_config.computeType);
}

const Blocksizes& OpenedRun::baseBlocksizes() const {
    return m_base->blocksizes();
}

TrainerParts OpenedRun::parts(const std::string& id, const fs::path& folder, StepPlanner& planner) {
    TrainerParts parts{.context = *m_context, .base = *m_base, .adapter = *m_adapter, .planner = planner};
    parts.evaluation = m_data->evaluation();
    const bool isChat = m_data->dataset().usesChatTemplate();
    if (!m_config.samples.prompts.empty())
        parts.sample = [this, isChat](const std::string& prompt, std::stop_token stop) {
            const GenerateRequest request{
                .prompt = prompt, .maxNewTokens = m_config.samples.maxNewTokens, .seed = m_config.training.seed};
            return continuePrompt(*m_context, {*m_base, &*m_adapter, *m_text.tokenizer},
                                  isChat ? &*m_text.chatTemplate : nullptr, request, {}, std::move(stop))
                .text;
        };
    parts.folder = folder;
    parts.trainedOver = {.model = m_config.model,
                         .quantization = m_base->quantization(),
                         .computeType = m_config.computeType,
                         .chatTemplate = isChat ? TemplateChoice::Chat : TemplateChoice::Plain,
                         .run = id,
                         .blocksizes = m_base->blocksizes()};
    parts.modelTexts = m_modelTexts;
    parts.data = m_data->fingerprint();
    parts.model = m_identity;
    parts.start = {
        .run = id, .rows = m_data->trainedRows(), .skipped = m_data->summary().skipped(), .estimate = m_estimate};
    return parts;
}

std::vector<std::string> OpenedRun::warnings() const {
    std::vector<std::string> warnings = m_data->remarks();
    if (m_adapter->isWhole() && !hasTokenizer(m_modelTexts))
        warnings.push_back("the tokenizer of this .gguf file cannot be written as Hugging Face files: the finetuned "
                           "model will have none, so put the original model's tokenizer.json or tokenizer.model into "
                           "its folder once the run has finished");
    const int64_t memory = backend().totalMemory();
    if (m_estimate.total() > memory)
        warnings.push_back(fmt::format("the run is estimated to need {} MB, the device has {} MB",
                                       m_estimate.total() >> 20, memory >> 20));
    return warnings;
}

} // namespace lorikeet
