// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/train/training_fixture.h"

#include <sstream>

#include "core/base/files.h"
#include "core/base/thread_pool.h"
#include "core/model/model_files.h"
#include "core/train/lora_spec.h"

namespace lorikeet {

std::vector<TokenId> NumberTokenizer::encode(std::string_view text, EncodeOptions) const {
    std::istringstream in{std::string(text)};
    std::vector<TokenId> ids;
    for (TokenId id; in >> id;)
        ids.push_back(id);
    return ids;
}

std::string NumberTokenizer::decode(std::span<const TokenId> ids, bool) const {
    std::string text;
    for (const TokenId id : ids)
        text += pieceBytes(id);
    return text;
}

RunConfig goldenConfig() {
    RunConfig config;
    config.model = sourceFile("tests/data/train/model").string();
    config.quantization.type = QuantType::None;
    config.computeType = DType::F32;
    config.lora.initFrom = sourceFile("tests/data/train/first_adapter").string();
    config.data.train = sourceFile("tests/data/train/rows.jsonl").string();
    config.data.format = RowFormat::PromptCompletion;
    config.data.chatTemplate = TemplateChoice::Plain;
    config.data.shuffle = false;
    config.training.maxSteps = 20;
    config.training.batchSize = 2;
    config.training.accumulationSteps = 2;
    config.training.learningRate = 1e-2;
    config.training.schedule = Schedule::Linear;
    config.training.warmupSteps = 3;
    config.training.weightDecay = 0.02;
    config.training.maxGradNorm = 0.3;
    config.training.gradientCheckpointing = false;
    config.every = {.log = 1, .eval = 0, .sample = 0, .save = 0};
    return config;
}

RunConfig goldenFullConfig(const std::string& model) {
    RunConfig config = goldenConfig();
    config.method = Method::Full;
    config.model = sourceFile("tests/data/full/" + model).string();
    config.lora = {};
    config.training.maxSteps = 5;
    config.training.warmupSteps = 2;
    return config;
}

TinyRun::TinyRun(Backend& backend, const RunConfig& config) : m_config(config), m_context(backend.createContext()) {
    LoadOptions options;
    options.computeType = config.computeType;
    options.threads = 1;
    if (config.method == Method::Full) {
        const ModelFiles files = openModelFiles(config.model);
        m_adapter.emplace(LoraAdapter::whole(*m_context, files, options, true));
        m_base = BaseModel::withoutWeights(files.config, config.computeType);
        m_modelTexts["config.json"] = readTextFile(std::filesystem::path(config.model) / "config.json");
    } else {
        openBase(options);
    }
    m_dataset = std::make_unique<Dataset>(config.data.train, config.data, m_tokenizer, nullptr);
    ThreadPool pool(1);
    m_scan = scanDataset(*m_dataset, pool, [](int64_t) {});
    m_planner = std::make_unique<StepPlanner>(
        *m_dataset, m_scan, std::span<const int64_t>(), config.data,
        BatchConfig{config.training.batchSize, config.training.accumulationSteps, config.training.seed});
}

void TinyRun::openBase(LoadOptions options) {
    const RunConfig& config = m_config;
    if (config.quantization.type != QuantType::None)
        options.quantization =
            QuantizationSpec{config.quantization.type, *config.quantization.blocksize, config.quantization.doubleQuant};
    m_base = BaseModel::load(*m_context, config.model, options);
    if (config.lora.initFrom.empty())
        m_adapter.emplace(*m_context, *m_base, loraSpec(config.lora), config.training.seed, true);
    else
        m_adapter.emplace(LoraAdapter::load(*m_context, m_base->config(), config.lora.initFrom, true));
}

EndEvent TinyRun::train(const std::filesystem::path& folder, std::stop_token stop) {
    RunControl control(std::move(stop));
    return train(folder, control);
}

EndEvent TinyRun::train(const std::filesystem::path& folder, RunControl& control) {
    TrainerParts parts{.context = *m_context, .base = *m_base, .adapter = *m_adapter, .planner = *m_planner};
    if (evaluates)
        parts.evaluation = rows();
    parts.sample = sample;
    parts.folder = folder;
    parts.trainedOver.model = "tiny";
    parts.modelTexts = m_modelTexts;
    parts.start.run = "tiny";
    parts.rehearses = rehearses;
    parts.model = modelIdentity;
    if (resumes)
        parts.from =
            CheckpointShelf(folder, {}).newest("tiny", [&](const std::string& text) { warnings.push_back(text); });
    Trainer trainer(m_config, std::move(parts));
    return trainer.run(
        [&](const RunEvent& event) {
            m_events.push_back(event);
            if (listener)
                listener(event);
        },
        control);
}

std::vector<float> TinyRun::parameterValues() {
    std::vector<float> values;
    for (const Parameter& parameter : m_adapter->parameters()) {
        const std::size_t begin = values.size();
        values.resize(begin + std::size_t(parameter.value.view().elements()));
        m_context->backend().download(*m_context, parameter.value, values.data() + begin);
    }
    return values;
}

} // namespace lorikeet
