// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/run_fit.h"

#include <algorithm>
#include <climits>
#include <cmath>

#include "core/backend/workspace_sizes.h"
#include "core/base/error.h"
#include "core/train/memory_plan.h"
#include "core/train/optimizer_layout.h"
#include "core/train/run_config_words.h"

namespace lorikeet {
namespace {

constexpr int kShortestLength = 256;
constexpr int kSmallestRank = 8;
constexpr int kSmallestBudgetMb = 64;

/// The run with everything at its default that its memory does not depend on.
RunConfig memoryPart(const RunConfig& config) {
    RunConfig part;
    part.quantization = config.quantization;
    part.computeType = config.computeType;
    part.method = config.method;
    part.lora = config.lora;
    part.data.maxLength = config.data.maxLength;
    part.data.packing = config.data.packing;
    part.data.maxTokensPerBatch = config.data.maxTokensPerBatch;
    part.samples = config.samples;
    part.training.batchSize = config.training.batchSize;
    if (config.data.maxTokensPerBatch)
        part.training.accumulationSteps = config.training.accumulationSteps;
    part.training.optimizer = config.training.optimizer;
    part.training.optimizerBudgetMb = config.training.optimizerBudgetMb;
    part.training.gradientCheckpointing = config.training.gradientCheckpointing;
    return part;
}

std::vector<int32_t> descending(const std::vector<int32_t>& lengths) {
    if (lengths.empty())
        return {};
    // Counted, not sorted: there may be a million, of few different lengths.
    std::vector<int64_t> counts(std::size_t(*std::ranges::max_element(lengths)) + 1);
    for (const int32_t length : lengths)
        ++counts[std::size_t(length)];
    std::vector<int32_t> sorted;
    sorted.reserve(lengths.size());
    for (std::size_t length = counts.size(); length-- > 0;)
        sorted.insert(sorted.end(), std::size_t(counts[length]), int32_t(length));
    return sorted;
}

/// The first of descending `lengths`: those that a micro-batch can hold.
std::span<const int32_t> longestRows(const std::vector<int32_t>& lengths, const RunConfig& config) {
    const int64_t rows = config.training.batchSize;
    const int64_t asked = config.data.maxTokensPerBatch.value_or(rows); // a row has a token at least
    return {lengths.data(), std::size_t(std::min(asked, int64_t(lengths.size())))};
}

OptimizerType pagedOf(OptimizerType type) {
    return isEightBit(type) ? OptimizerType::PagedAdamW8Bit : OptimizerType::PagedAdamW32Bit;
}

/// Those that leave the result as it is: the first two to the bit, the last but for the order of sums.
std::vector<RunChange> exactChanges(const RunConfig& config) {
    std::vector<RunChange> changes;
    const TrainingConfig& training = config.training;
    if (training.optimizerBudgetMb.value_or(INFINITY) > kSmallestBudgetMb)
        changes.push_back(
            {fmt::format("training.optim {} and training.optim_budget_mb {}",
                         words::wordOf(words::kOptimizers, pagedOf(training.optimizer)), kSmallestBudgetMb),
             phrase("Keep {} MB of the optimizer's state in memory", fmt::format("{}", kSmallestBudgetMb)), 1.1,
             [](RunConfig& run) {
                 run.training.optimizer = pagedOf(run.training.optimizer);
                 run.training.optimizerBudgetMb = kSmallestBudgetMb;
             }});
    if (!training.gradientCheckpointing)
        // One more forward pass to a forward and a backward pass, which costs twice as much.
        changes.push_back({"training.gradient_checkpointing true", phrase("Turn gradient checkpointing on"), 4.0 / 3.0,
                           [](RunConfig& run) { run.training.gradientCheckpointing = true; }});
    const int64_t rows = int64_t(training.batchSize) * training.accumulationSteps;
    const std::optional<int64_t> tokens = config.data.maxTokensPerBatch;
    if (const int64_t longest = config.data.maxLength; tokens && *tokens > longest)
        changes.push_back(
            {fmt::format("data.max_tokens_per_batch {}", longest),
             phrase("Compute {} tokens at a time, as many rows to a step as before", std::to_string(longest)), 1.05,
             [longest](RunConfig& run) { run.data.maxTokensPerBatch = longest; }});
    if (!tokens && training.batchSize > 1 && rows <= INT_MAX)
        changes.push_back({fmt::format("training.batch_size 1 and training.gradient_accumulation_steps {}", rows),
                           phrase("Compute one row at a time, {} to a step as before", std::to_string(rows)), 1.05,
                           [rows](RunConfig& run) {
                               run.training.accumulationSteps = int(rows);
                               run.training.batchSize = 1;
                           }});
    return changes;
}

/// Those that do not, what costs least of it first.
std::vector<RunChange> lossyChanges(const RunConfig& config, bool isStored) {
    std::vector<RunChange> changes;
    const OptimizerType optimizer = config.training.optimizer;
    if (!isEightBit(optimizer)) {
        const OptimizerType smaller = isPaged(optimizer) ? OptimizerType::PagedAdamW8Bit : OptimizerType::AdamW8Bit;
        changes.push_back({fmt::format("training.optim {}", words::wordOf(words::kOptimizers, smaller)),
                           phrase("Keep the optimizer's state in 8 bits"), 1.0,
                           [smaller](RunConfig& run) { run.training.optimizer = smaller; }});
    }
    if (config.computeType == DType::F32)
        changes.push_back({"compute_dtype bfloat16", phrase("Compute in bfloat16"), 1.0,
                           [](RunConfig& run) { run.computeType = DType::BF16; }});
    if (config.method == Method::Full)
        changes.push_back({"method lora", phrase("Train a LoRA adapter instead of every weight"), 1.0,
                           [](RunConfig& run) { run.method = Method::Lora; }});
    const QuantType type = config.quantization.type;
    if (!isStored && type != QuantType::None && !config.quantization.blocksize)
        changes.push_back({"quantization.blocksize 64 and quantization.double_quant true",
                           phrase("Use blocks of 64, with quantized scales"), 1.02, [](RunConfig& run) {
                               const QuantType same = run.quantization.type;
                               run.quantization = {};
                               run.quantization.type = same;
                           }});
    else if (!isStored && type != QuantType::None && !config.quantization.doubleQuant)
        changes.push_back({"quantization.double_quant true", phrase("Quantize the scales of the weights, too"), 1.02,
                           [](RunConfig& run) { run.quantization.doubleQuant = true; }});
    if (!isStored && (type == QuantType::None || type == QuantType::Int8))
        changes.push_back({"quantization nf4", phrase("Quantize the base model to NF4"), 1.1,
                           [](RunConfig& run) { run.quantization = {}; }});
    if (config.data.maxLength > kShortestLength) {
        const int half = config.data.maxLength / 2;
        changes.push_back({fmt::format("data.max_length {}", half),
                           phrase("Cut rows at {} tokens", std::to_string(half)), 1.0,
                           [half](RunConfig& run) { run.data.maxLength = half; }});
    }
    if (config.lora.rank.value_or(0) > kSmallestRank && config.lora.initFrom.empty())
        changes.push_back({fmt::format("lora.r {}", kSmallestRank),
                           phrase("Lower the rank to {}", std::to_string(kSmallestRank)), 1.0,
                           [](RunConfig& run) { run.lora.rank = kSmallestRank; }});
    return changes;
}

/// The smallest that all changes together can make a run.
RunConfig smallestRun(RunConfig config, bool isStored) {
    for (std::vector<RunChange> changes = smallerRuns(config, isStored); !changes.empty();
         changes = smallerRuns(config, isStored))
        changes.front().apply(config);
    return config;
}

FitPlan planOf(MemoryPlanner& planner, RunConfig config, const std::vector<RunChange>& changes, int64_t limit) {
    FitPlan plan;
    for (const RunChange& change : changes) {
        change.apply(config);
        plan.steps.push_back({change, planner.peak(config).total()});
    }
    plan.peak = plan.steps.empty() ? planner.peak(config).total() : plan.steps.back().peak;
    plan.config = std::move(config);
    plan.fits = plan.peak <= limit;
    return plan;
}

/// The first change that makes it fit or saves what is worth it; else the first that saves anything.
std::optional<RunChange> nextChange(MemoryPlanner& planner, const FitPlan& plan, int64_t limit, bool isStored) {
    constexpr double kWorthIt = 0.99;
    std::optional<RunChange> little;
    for (RunChange& change : smallerRuns(plan.config, isStored)) {
        RunConfig changed = plan.config;
        change.apply(changed);
        const int64_t peak = planner.peak(changed).total();
        if (peak <= limit || double(peak) <= kWorthIt * double(plan.peak))
            return std::move(change);
        if (!little && peak < plan.peak)
            little = std::move(change);
    }
    return little;
}

} // namespace

MemoryPlanner::MemoryPlanner(ModelConfig model, StoredType tables, std::vector<int32_t> lengths,
                             std::vector<int32_t> evaluationLengths, std::shared_ptr<const WorkspaceSizes> workspace,
                             Blocksizes blocksizes)
    : m_model(std::move(model)), m_tables(tables), m_lengths(descending(lengths)),
      m_evaluationLengths(descending(evaluationLengths)), m_workspace(std::move(workspace)),
      m_blocksizes(std::move(blocksizes)) {}

MemoryByTag MemoryPlanner::peak(const RunConfig& config) {
    const RunConfig part = memoryPart(config);
    const std::string key = serialiseRunConfig(part);
    if (const auto known = m_planned.find(key); known != m_planned.end())
        return known->second;
    RunSizes sizes = largestSizes(longestRows(m_lengths, part), longestRows(m_evaluationLengths, part), part, m_model);
    sizes.blocksizes = m_blocksizes;
    return m_planned[key] = planMemory(m_model, m_tables, part, sizes, m_workspace.get());
}

std::vector<RunChange> smallerRuns(const RunConfig& config, bool isStored) {
    std::vector<RunChange> changes = exactChanges(config);
    for (RunChange& change : lossyChanges(config, isStored))
        changes.push_back(std::move(change));
    const std::size_t violations = violationsOf(config).size();
    std::erase_if(changes, [&](const RunChange& change) {
        RunConfig changed = config;
        change.apply(changed);
        return violationsOf(changed).size() > violations; // of what cannot be had
    });
    return changes;
}

FitPlan makeItFit(MemoryPlanner& planner, const RunConfig& config, int64_t limit, bool isStored) {
    std::vector<RunChange> taken;
    FitPlan plan = planOf(planner, config, taken, limit);
    if (plan.fits)
        return plan;
    RunConfig smallest = smallestRun(config, isStored);
    if (const int64_t least = planner.peak(smallest).total(); least > limit)
        return {.steps = {}, .config = std::move(smallest), .peak = least, .fits = false};
    while (!plan.fits) {
        std::optional<RunChange> next = nextChange(planner, plan, limit, isStored);
        if (!next)
            return {.steps = {}, .config = std::move(plan.config), .peak = plan.peak, .fits = false};
        taken.push_back(std::move(*next));
        plan = planOf(planner, config, taken, limit);
    }
    // What a later step has made needless is left out, the last first.
    for (std::size_t i = taken.size(); plan.fits && i-- > 0;) {
        std::vector<RunChange> without = taken;
        without.erase(without.begin() + std::ptrdiff_t(i));
        if (FitPlan shorter = planOf(planner, config, without, limit); shorter.fits) {
            taken = std::move(without);
            plan = std::move(shorter);
        }
    }
    return plan;
}

} // namespace lorikeet
