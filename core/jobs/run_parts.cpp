// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/run_parts.h"

#include <algorithm>
#include <limits>

#include "core/base/error.h"
#include "core/formats/bitsandbytes_checkpoint.h"
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

int64_t roomForRun(const RunConfig& config, int64_t trainableParameters, std::optional<int64_t> steps) {
    constexpr int64_t kUnknownSaves = 2;
    const int64_t every = config.every.save;
    int64_t saves = kUnknownSaves;
    if (steps && every > 0)
        saves = *steps / every;
    const int64_t limit = std::max<int64_t>(config.training.saveTotalLimit.value_or(saves), 0);
    // One more is the best, or the one that a stop saves.
    const int64_t kept = 1 + (every > 0 ? std::min(saves, limit) : 0);
    const int64_t checkpoint = kValuesOfCheckpoint * trainableParameters * int64_t(sizeof(float));
    const int64_t rest = roomForNextSave(trainableParameters);
    const int64_t most = std::numeric_limits<int64_t>::max() - rest;
    return rest + (checkpoint > 0 && kept > most / checkpoint ? most : kept * checkpoint);
}

int64_t roomForNextSave(int64_t trainableParameters) {
    return (kValuesOfCheckpoint + 1) * trainableParameters * int64_t(sizeof(float)) + kRecordBytes;
}

StoredQuantization storedQuantization(const ModelFiles& files) {
    StoredQuantization stored;
    for (int layer = 0; layer < files.config.layers; ++layer)
        for (const LinearRole role : kAllLinearRoles) {
            const std::string name = files.names->of(layer, role, "weight");
            stored.blocksizes.push_back(0); // in 16 bits
            if (!isBitsandbytesWeight(*files.tensors, name))
                continue;
            stored.spec = readBitsandbytesSpec(*files.tensors, name);
            stored.blocksizes.back() = stored.spec->blocksize;
        }
    const int last = stored.spec ? stored.spec->blocksize : 0;
    std::ranges::replace(stored.blocksizes, 0, last);
    if (std::ranges::all_of(stored.blocksizes, [last](int blocksize) { return blocksize == last; }))
        stored.blocksizes.clear();
    return stored;
}

StoredQuantization storedQuantization(const std::filesystem::path& model) {
    return storedQuantization(openModelFiles(model));
}

RunConfig asStored(RunConfig config, const std::optional<QuantizationSpec>& stored) {
    if (stored)
        config.quantization = {stored->type, stored->blocksize, stored->doubleQuant, std::nullopt};
    return config;
}

void requireAsStored(const RunConfig& config, const StoredQuantization& stored) {
    if (!stored.spec)
        return;
    const QuantizationSpec& own = *stored.spec;
    const std::string kept =
        fmt::format("{} in blocks of {}, {} double quantization", quantTypeName(own.type),
                    stored.blocksizes.empty() ? std::to_string(own.blocksize)
                                              : fmt::format("{} to {}", *std::ranges::min_element(stored.blocksizes),
                                                            *std::ranges::max_element(stored.blocksizes)),
                    own.doubleQuant ? "with" : "without");
    if (config.method == Method::Full)
        fail(ErrorCode::BadConfig, "method full: {} is quantized already, as {}; full finetuning needs it unquantized",
             config.model, kept);
    const QuantizationConfig& wanted = config.quantization;
    const bool isSame = stored.blocksizes.empty() && wanted.type == own.type && wanted.blocksize == own.blocksize &&
                        wanted.doubleQuant == own.doubleQuant;
    if (wanted.type != QuantType::None && !isSame)
        fail(ErrorCode::BadConfig,
             "quantization: {} is quantized already, as {}; ask for the same, or for quantization.type none",
             config.model, kept);
}

StoredType tableType(const std::filesystem::path& model) {
    const ModelFiles files = openModelFiles(model);
    return files.tensors->at(files.names->of(ModelTensor::Embedding)).type;
}

} // namespace lorikeet
