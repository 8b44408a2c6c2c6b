// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/run_parts.h"

#include "core/model/model_files.h"
#include "core/train/accounting_backend.h"
#include "core/train/lora_spec.h"

namespace lorikeet {

BaseChoice baseChoice(const RunConfig& config) {
    BaseChoice choice{.quantization = std::nullopt, .computeType = config.computeType};
    if (config.quantization.type != QuantType::None)
        choice.quantization = QuantizationSpec{config.quantization.type, config.quantization.blocksize.value(),
                                               config.quantization.doubleQuant};
    return choice;
}

RunConfig completedRun(RunConfig config, const ModelConfig& model) {
    for (std::string* path : {&config.data.train, &config.data.eval, &config.lora.initFrom})
        if (!path->empty())
            *path = std::filesystem::absolute(*path).lexically_normal().string();
    if (std::filesystem::exists(config.model))
        config.model = std::filesystem::absolute(config.model).lexically_normal().string();
    if (!config.lora.initFrom.empty()) {
        AccountingBackend accounts;
        const std::unique_ptr<ExecutionContext> context = accounts.createContext();
        adoptInitialAdapter(config.lora, LoraAdapter::load(*context, model, config.lora.initFrom, false).spec(), model);
    }
    return config;
}

StoredType tableType(const std::filesystem::path& model) {
    const ModelFiles files = openModelFiles(model);
    return files.tensors->at(files.names->of(ModelTensor::Embedding)).type;
}

} // namespace lorikeet
