// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/run_parts.h"

#include "core/model/model_files.h"
#include "core/train/accounting_backend.h"
#include "core/train/lora_spec.h"

namespace lorikeet {

BaseChoice baseChoice(const RunConfig& config) {
    BaseChoice choice{.quantization = std::nullopt, .computeType = config.computeType};
    if (config.quantization.type != QuantType::None)
        choice.quantization = quantizationSpec(config.quantization);
    return choice;
}

RunConfig withAbsolutePaths(RunConfig config) {
    for (std::string* path : {&config.data.train, &config.data.eval, &config.lora.initFrom})
        if (!path->empty())
            *path = std::filesystem::absolute(*path).lexically_normal().string();
    std::error_code error; // a text that can be no path is a name
    if (std::filesystem::exists(config.model, error))
        config.model = std::filesystem::absolute(config.model).lexically_normal().string();
    return config;
}

LoraSpec readInitialAdapter(const std::filesystem::path& folder, const ModelConfig& model) {
    AccountingBackend accounts;
    const std::unique_ptr<ExecutionContext> context = accounts.createContext();
    return LoraAdapter::load(*context, model, folder, false).spec();
}

RunConfig completedRun(RunConfig config, const ModelConfig& model) {
    config = withAbsolutePaths(std::move(config));
    if (!config.lora.initFrom.empty())
        adoptInitialAdapter(config.lora, readInitialAdapter(config.lora.initFrom, model), model);
    return config;
}

namespace {

constexpr int64_t kRecordBytes = int64_t(8) << 20;
constexpr int64_t kValuesOfCheckpoint = 3; // of each parameter: itself and the two moments of Adam

} // namespace

int64_t roomForRun(const RunConfig& config, int64_t trainableParameters) {
    // One more is the best, or the one that a stop saves.
    const int64_t kept = 1 + (config.every.save > 0 ? config.training.saveTotalLimit.value_or(2) : 0);
    return kept * kValuesOfCheckpoint * trainableParameters * int64_t(sizeof(float)) +
           roomForNextSave(trainableParameters);
}

int64_t roomForNextSave(int64_t trainableParameters) {
    return (kValuesOfCheckpoint + 1) * trainableParameters * int64_t(sizeof(float)) + kRecordBytes;
}

StoredType tableType(const std::filesystem::path& model) {
    const ModelFiles files = openModelFiles(model);
    return files.tensors->at(files.names->of(ModelTensor::Embedding)).type;
}

} // namespace lorikeet
