// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/estimate_job.h"

#include <climits>

#include "core/backend/backend.h"
#include "core/base/error.h"
#include "core/jobs/model_library.h"
#include "core/jobs/open_model.h"
#include "core/jobs/run_parts.h"
#include "core/jobs/training_data.h"
#include "core/train/memory_plan.h"

namespace lorikeet {
namespace {

struct KnownShape {
    const char* name;
    int hiddenSize, intermediateSize, layers, heads;
};

/// Llama (Touvron et al. 2023, table 2; feed-forward sizes as released).
constexpr KnownShape kLlama[] = {{"7B", 4096, 11008, 32, 32},
                                 {"13B", 5120, 13824, 40, 40},
                                 {"33B", 6656, 17920, 60, 52},
                                 {"65B", 8192, 22016, 80, 64}};

ModelConfig configOf(const KnownShape& shape) {
    ModelConfig config;
    config.architecture = "llama";
    config.vocabularySize = 32000;
    config.hiddenSize = shape.hiddenSize;
    config.intermediateSize = shape.intermediateSize;
    config.layers = shape.layers;
    config.heads = config.kvHeads = shape.heads;
    config.headDim = shape.hiddenSize / shape.heads;
    config.maxPositions = 2048;
    config.windows.assign(std::size_t(shape.layers), 0);
    config.rope.rotaryDim = config.headDim;
    config.rope.originalPositions = config.maxPositions;
    return config;
}

/// One change to a run that could make it smaller.
struct Change {
    std::string text;
    RunConfig config;
};

std::vector<Change> smallerRuns(const RunConfig& config) {
    std::vector<Change> changes;
    const auto add = [&](std::string text, auto&& change) {
        RunConfig changed = config;
        change(changed);
        changes.push_back({std::move(text), std::move(changed)});
    };
    if (!config.training.gradientCheckpointing)
        add("training.gradient_checkpointing true", [](RunConfig& c) { c.training.gradientCheckpointing = true; });
    const int64_t rows = int64_t(config.training.batchSize) * config.training.accumulationSteps;
    if (config.training.batchSize > 1 && rows <= INT_MAX)
        add(fmt::format("training.batch_size 1 and training.gradient_accumulation_steps {}", rows),
            [rows](RunConfig& c) {
                c.training.accumulationSteps = int(rows);
                c.training.batchSize = 1;
            });
    if (config.quantization.type == QuantType::None || config.quantization.type == QuantType::Int8)
        add("quantization nf4", [](RunConfig& c) { c.quantization = {}; });
    if (config.data.maxLength > 256)
        add(fmt::format("data.max_length {}", config.data.maxLength / 2), [](RunConfig& c) { c.data.maxLength /= 2; });
    if (config.lora.rank.value() > 8)
        add("lora.r 8", [](RunConfig& c) { c.lora.rank = 8; });
    return changes;
}

/// Lengths as they are under the run's max_length.
std::vector<int32_t> cutTo(std::vector<int32_t> lengths, int maxLength) {
    for (int32_t& length : lengths)
        length = std::min(length, int32_t(maxLength));
    return lengths;
}

} // namespace

EstimateResult estimateRun(Workshop& workshop, const RunConfig& wanted) {
    validateRunConfig(wanted);
    const std::filesystem::path path = resolveModel(workshop.folder(), wanted.model);
    const ModelConfig model = readModelConfig(path);
    const StoredType tables = tableType(path);
    const RunConfig config = completedRun(wanted, model);
    std::vector<int32_t> lengths;
    if (std::filesystem::exists(config.data.train)) {
        const ModelText text = openText(path);
        lengths = TrainingData(config, text, workshop.options().threads).lengths();
    }
    const Backend& backend = workshop.backend(config.kernels);
    EstimateResult result{.peak = planMemory(model, tables, config, largestBatch(lengths, config)),
                          .device = backend.name(),
                          .deviceMemory = backend.totalMemory()};
    result.fits = result.peak.total() <= result.deviceMemory;
    for (const Change& change : smallerRuns(config)) {
        const BatchSizes batch = largestBatch(cutTo(lengths, change.config.data.maxLength), change.config);
        const int64_t total = planMemory(model, tables, change.config, batch).total();
        if (total < result.peak.total())
            result.advice.push_back(fmt::format("{}: {} MB", change.text, total >> 20));
    }
    return result;
}

std::vector<EstimateTableRow> estimateTable(Workshop& workshop) {
    RunConfig config;
    config.lora.rank = 64;
    config.data.maxLength = 512;
    config.training.batchSize = 1;
    std::vector<EstimateTableRow> rows;
    for (const KnownShape& shape : kLlama) {
        const MemoryByTag peak = planMemory(configOf(shape), StoredType::BF16, config, largestBatch({}, config));
        rows.push_back({shape.name, peak, peak.total() <= workshop.backend().totalMemory()});
    }
    return rows;
}

} // namespace lorikeet
