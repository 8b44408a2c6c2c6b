// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/estimate_job.h"

#include <algorithm>

#include "core/backend/backend.h"
#include "core/backend/workspace_sizes.h"
#include "core/base/error.h"
#include "core/jobs/model_library.h"
#include "core/jobs/open_model.h"
#include "core/jobs/run_fit.h"
#include "core/jobs/run_parts.h"
#include "core/jobs/training_data.h"
#include "core/train/memory_plan.h"
#include "core/train/optimizer_layout.h"
#include "core/train/run_config_words.h"

namespace lorikeet {
namespace {

struct KnownShape {
    const char* name;
    int hiddenSize, intermediateSize, layers, heads, kvHeads;
    double paperGigabytes; ///< of 10^9 bytes; 0: not in the paper
};

/// Llama (Touvron et al. 2023, table 2; feed-forward sizes as released; Llama 2 for 70B), and what each needs for
/// QLoRA (Dettmers et al. 2023, figure 6).
constexpr KnownShape kLlama[] = {{"7B", 4096, 11008, 32, 32, 32, 6.9},
                                 {"13B", 5120, 13824, 40, 40, 40, 11.3},
                                 {"33B", 6656, 17920, 60, 52, 52, 24.7},
                                 {"65B", 8192, 22016, 80, 64, 64, 45.0},
                                 {"70B", 8192, 28672, 80, 64, 8, 0.0}};

constexpr int kGigabytes[] = {8, 12, 16, 24, 48, 80};
/// What may stay of a paged optimizer's state.
constexpr double kTableBudgetMb = 256.0;
/// Bits first, then time: what costs least comes first.
constexpr OptimizerType kOptimizers[] = {OptimizerType::AdamW32Bit, OptimizerType::PagedAdamW32Bit,
                                         OptimizerType::AdamW8Bit, OptimizerType::PagedAdamW8Bit};

ModelConfig configOf(const KnownShape& shape) {
    ModelConfig config;
    config.architecture = "llama";
    config.vocabularySize = 32000;
    config.hiddenSize = shape.hiddenSize;
    config.intermediateSize = shape.intermediateSize;
    config.layers = shape.layers;
    config.heads = shape.heads;
    config.kvHeads = shape.kvHeads;
    config.headDim = shape.hiddenSize / shape.heads;
    config.maxPositions = 2048;
    config.windows.assign(std::size_t(shape.layers), 0);
    config.rope.rotaryDim = config.headDim;
    config.rope.originalPositions = config.maxPositions;
    return config;
}

RunConfig paperRun() {
    RunConfig config;
    config.lora.rank = 64;
    config.data.maxLength = 512;
    config.training.batchSize = 1;
    return config;
}

EstimateTableRow rowOf(const KnownShape& shape, const WorkspaceSizes* workspace, int64_t memory) {
    EstimateTableRow row;
    row.model = shape.name;
    if (shape.paperGigabytes > 0.0)
        row.paperBytes = shape.paperGigabytes * 1e9;
    RunConfig config = paperRun();
    for (const OptimizerType type : kOptimizers) {
        config.training.optimizer = type;
        config.training.optimizerBudgetMb = isPaged(type) ? std::optional(kTableBudgetMb) : std::nullopt;
        const RunSizes sizes{largestBatch({}, config)};
        const MemoryByTag peak = planMemory(configOf(shape), StoredType::BF16, config, sizes);
        if (type == OptimizerType::AdamW32Bit) {
            row.peak = peak;
            row.fits = planMemory(configOf(shape), StoredType::BF16, config, sizes, workspace).total() <= memory;
        }
        row.variants.push_back({std::string(words::wordOf(words::kOptimizers, type)), peak.total()});
    }
    for (const int gigabytes : kGigabytes) {
        const auto fitting = std::ranges::find_if(row.variants, [&](const EstimateVariant& variant) {
            return variant.total + kDeviceReserve <= int64_t(gigabytes) << 30;
        });
        row.devices.push_back({gigabytes, fitting == row.variants.end() ? "" : fitting->name});
    }
    // Half of the bytes of adapters and gradients.
    const int64_t halved = (row.peak[MemoryTag::Adapters] + row.peak[MemoryTag::Gradients]) / 2;
    row.bfloat16Adapters = row.peak.total() - halved;
    return row;
}

} // namespace

EstimateResult estimateRun(Workshop& workshop, const RunConfig& wanted, std::stop_token stop) {
    validateRunConfig(wanted);
    const std::filesystem::path path = resolveModel(workshop.folder(), wanted.model);
    const ModelConfig model = readModelConfig(path);
    const StoredQuantization stored = storedQuantization(path);
    requireAsStored(wanted, stored);
    const RunConfig config = asStored(completedRun(wanted, model), stored.spec);
    std::vector<int32_t> lengths, evaluationLengths;
    std::error_code error; // a text that can be no path is no file
    if (std::filesystem::exists(config.data.train, error)) {
        const ModelText text = openText(path, workshop.options().clock());
        const TrainingData data(config, text, workshop.options().threads, {}, std::move(stop));
        lengths = data.lengths();
        evaluationLengths = data.evaluationLengths();
    }
    const Backend& backend = workshop.backend(config.kernels);
    MemoryPlanner planner(model, tableType(path), std::move(lengths), std::move(evaluationLengths),
                          workshop.workspace(config.kernels), stored.blocksizes);
    EstimateResult result{
        .peak = planner.peak(config), .device = backend.name(), .deviceMemory = backend.totalMemory()};
    result.fits = result.peak.total() <= result.deviceMemory;
    for (const RunChange& change : smallerRuns(config, stored.spec.has_value())) {
        RunConfig changed = config;
        change.apply(changed);
        if (const int64_t total = planner.peak(changed).total(); total < result.peak.total())
            result.advice.push_back(fmt::format("{}: {} MB", change.setting, total >> 20));
    }
    return result;
}

std::vector<EstimateTableRow> estimateTable(Workshop& workshop) {
    std::vector<EstimateTableRow> rows;
    const std::shared_ptr<const WorkspaceSizes> workspace = workshop.workspace(RunConfig().kernels);
    for (const KnownShape& shape : kLlama)
        rows.push_back(rowOf(shape, workspace.get(), workshop.backend().totalMemory()));
    return rows;
}

} // namespace lorikeet
