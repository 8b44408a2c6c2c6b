// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/estimate_job.h"

#include "core/backend/backend.h"
#include "core/backend/workspace_sizes.h"
#include "core/base/error.h"
#include "core/jobs/model_library.h"
#include "core/jobs/open_model.h"
#include "core/jobs/run_fit.h"
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

} // namespace

EstimateResult estimateRun(Workshop& workshop, const RunConfig& wanted, std::stop_token stop) {
    validateRunConfig(wanted);
    const std::filesystem::path path = resolveModel(workshop.folder(), wanted.model);
    const ModelConfig model = readModelConfig(path);
    const RunConfig config = completedRun(wanted, model);
    std::vector<int32_t> lengths, evaluationLengths;
    if (std::filesystem::exists(config.data.train)) {
        const ModelText text = openText(path);
        const TrainingData data(config, text, workshop.options().threads, {}, std::move(stop));
        lengths = data.lengths();
        evaluationLengths = data.evaluationLengths();
    }
    const Backend& backend = workshop.backend(config.kernels);
    MemoryPlanner planner(model, tableType(path), std::move(lengths), std::move(evaluationLengths),
                          workshop.workspace(config.kernels));
    EstimateResult result{
        .peak = planner.peak(config), .device = backend.name(), .deviceMemory = backend.totalMemory()};
    result.fits = result.peak.total() <= result.deviceMemory;
    for (const RunChange& change : smallerRuns(config)) {
        RunConfig changed = config;
        change.apply(changed);
        if (const int64_t total = planner.peak(changed).total(); total < result.peak.total())
            result.advice.push_back(fmt::format("{}: {} MB", change.setting, total >> 20));
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
        const MemoryByTag peak = planMemory(configOf(shape), StoredType::BF16, config, {largestBatch({}, config)});
        rows.push_back({shape.name, peak, peak.total() <= workshop.backend().totalMemory()});
    }
    return rows;
}

} // namespace lorikeet
