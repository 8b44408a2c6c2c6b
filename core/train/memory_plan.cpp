// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/memory_plan.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include "core/base/error.h"
#include "core/data/batches.h"
#include "core/generate/generation.h"
#include "core/model/adapter.h"
#include "core/model/base_model.h"
#include "core/model/decoder.h"
#include "core/model/kv_cache.h"
#include "core/train/accounting_backend.h"
#include "core/train/lora_spec.h"
#include "core/train/optimizer.h"

namespace lorikeet {
namespace {

DeviceBatch uploadSizes(ExecutionContext& context, const BatchSizes& batch, int vocabularySize) {
    const std::vector<int32_t> tokens(std::size_t(batch.tokens()), 0);
    std::vector<int32_t> offsets = {0};
    for (const int64_t length : batch.lengths)
        offsets.push_back(offsets.back() + int32_t(length));
    std::vector<int32_t> targetRows(static_cast<std::size_t>(batch.targets));
    std::iota(targetRows.begin(), targetRows.end(), 0);
    const std::vector<int32_t> targets(targetRows.size(), 0);
    return uploadBatch(context, {tokens, offsets, {}, targetRows, targets}, vocabularySize);
}

std::shared_ptr<const BaseModel> outlineBase(ExecutionContext& context, const ModelConfig& model, StoredType tables,
                                             const RunConfig& config, const Blocksizes& blocksizes) {
    if (config.method == Method::Full)
        return BaseModel::outlineWithoutWeights(model, config.computeType);
    LoadOptions options;
    options.computeType = config.computeType;
    if (config.quantization.type != QuantType::None)
        options.quantization = quantizationSpec(config.quantization);
    options.blocksizes = blocksizes;
    if (options.quantization && !config.quantization.blocksize && blocksizes.empty())
        options.blocksizes =
            likelyBlocksizes(model, *options.quantization, config.quantization.bitsPerParameter.value());
    return BaseModel::outline(context, model, options, tables);
}

void takeStep(ExecutionContext& context, const BaseModel& base, LoraAdapter& adapter, Optimizer& optimizer,
              const RunConfig& config, const BatchSizes& batch, const Tensor& scalars) {
    const Tensor loss = scalars.rows(0, 1);
    {
        const DeviceBatch onDevice = uploadSizes(context, batch, base.config().vocabularySize);
        const PassOptions pass{.gradientCheckpointing = config.training.gradientCheckpointing,
                               .dropout = float(config.lora.dropout)};
        lossAndGradients(context, base, adapter, onDevice, 1.0f, pass, loss);
    }
    optimizer.step(context, 1, config.training.learningRate, loss, scalars.rows(1, 2), scalars.rows(2, 3));
}

void evaluate(ExecutionContext& context, const BaseModel& base, const LoraAdapter& adapter, const BatchSizes& batch) {
    const DeviceBatch onDevice = uploadSizes(context, batch, base.config().vocabularySize);
    const Storage losses = context.allocate(DType::F32, {batch.targets}, MemoryTag::Logits);
    targetLosses(context, base, &adapter, onDevice, losses);
}

/// The largest piece of a prompt, and one token where the cache is full.
void drawSample(ExecutionContext& context, const BaseModel& base, const LoraAdapter& adapter, int64_t tokens) {
    KvCache cache(context, base.config(), base.computeType(), tokens);
    const Storage logits = context.allocate(DType::F32, {1, base.config().vocabularySize}, MemoryTag::Logits);
    const auto feed = [&](int64_t count) {
        const std::vector<int32_t> ids(std::size_t(count), 0);
        const Storage uploaded = context.allocate(DType::I32, {count}, MemoryTag::Data);
        context.backend().upload(context, ids.data(), uploaded);
        decode(context, base, &adapter, uploaded, cache, logits);
    };
    const int64_t piece = std::min(tokens, kPromptPiece);
    cache.advance(tokens - piece);
    feed(piece);
    cache.truncate(tokens - 1);
    feed(1);
}

} // namespace

LoraAdapter outlineAdapter(ExecutionContext& context, const ModelConfig& model, const RunConfig& config) {
    return config.method == Method::Full ? LoraAdapter::wholeOutline(context, model, true)
                                         : LoraAdapter::outline(context, model, loraSpec(config.lora), true);
}

int64_t trainableParameters(const ModelConfig& model, const RunConfig& config) {
    AccountingBackend accounts;
    return outlineAdapter(*accounts.createContext(), model, config).parameterCount();
}

int64_t BatchSizes::tokens() const {
    return std::accumulate(lengths.begin(), lengths.end(), int64_t(0));
}

namespace {

/// The first `count` of the lengths in descending order, as the run cuts its rows.
std::vector<int64_t> longestOf(std::span<const int32_t> rowLengths, int64_t count, int64_t maxLength) {
    std::vector<int32_t> lengths(rowLengths.begin(), rowLengths.end());
    const auto end = lengths.begin() + std::ptrdiff_t(std::min(count, int64_t(lengths.size())));
    std::partial_sort(lengths.begin(), end, lengths.end(), std::greater<>());
    std::vector<int64_t> longest;
    for (auto length = lengths.begin(); length != end; ++length)
        longest.push_back(std::min<int64_t>(*length, maxLength));
    return longest;
}

/// The fullest micro-batch of the longest of `count` rows.
BatchSizes fullestOf(const std::vector<int64_t>& longest, const RunConfig& config) {
    BatchSizes batch{.lengths = fullestBatch(longest, config.data.maxTokensPerBatch)};
    const int64_t tokens = batch.tokens();
    if (tokens > kMostBatchTokens) {
        std::string key = fmt::format("training.batch_size is {}", config.training.batchSize);
        if (batch.lengths.front() > kMostBatchTokens)
            key = fmt::format("data.max_length is {}", config.data.maxLength);
        else if (config.data.maxTokensPerBatch)
            key = fmt::format("data.max_tokens_per_batch is {}", *config.data.maxTokensPerBatch);
        fail(ErrorCode::BadConfig, "{}; a micro-batch would have {} tokens{}, allowed are {}", key,
             std::min(tokens, 2 * kMostBatchTokens), tokens > 2 * kMostBatchTokens ? " or more" : "", kMostBatchTokens);
    }
    batch.targets = tokens - int64_t(batch.lengths.size());
    return batch;
}

} // namespace

BatchSizes largestBatch(std::span<const int32_t> rowLengths, const RunConfig& config) {
    const DataConfig& data = config.data;
    int64_t rows = config.training.batchSize;
    if (data.maxTokensPerBatch)
        rows *= config.training.accumulationSteps;
    if (!rowLengths.empty() && !data.packing)
        return fullestOf(longestOf(rowLengths, rows, data.maxLength), config);
    // More than that many are refused.
    rows = std::min(rows, kMostBatchTokens / data.maxLength + 1);
    return fullestOf(std::vector<int64_t>(std::size_t(rows), data.maxLength), config);
}

BatchSizes largestEvaluationBatch(std::span<const int32_t> rowLengths, const RunConfig& config) {
    const int64_t rows = config.data.maxTokensPerBatch ? int64_t(rowLengths.size()) : config.training.batchSize;
    return fullestOf(longestOf(rowLengths, rows, config.data.maxLength), config);
}

RunSizes largestSizes(std::span<const int32_t> rowLengths, std::span<const int32_t> evaluationLengths,
                      const RunConfig& config, const ModelConfig& model) {
    constexpr int64_t kTemplateTokens = 32;
    RunSizes sizes{.training = largestBatch(rowLengths, config)};
    if (!evaluationLengths.empty())
        sizes.evaluation = largestEvaluationBatch(evaluationLengths, config);
    for (const std::string& prompt : config.samples.prompts) {
        const int64_t tokens = int64_t(prompt.size() + 2) / 3 + kTemplateTokens + config.samples.maxNewTokens;
        sizes.sampleTokens = std::max(sizes.sampleTokens, std::min<int64_t>(tokens, model.maxPositions));
    }
    return sizes;
}

MemoryByTag planMemory(const ModelConfig& model, StoredType tables, const RunConfig& config, const RunSizes& sizes,
                       const WorkspaceSizes* workspace) {
    AccountingBackend accounts(workspace);
    return measureRun(accounts, model, tables, config, sizes);
}

MemoryByTag measureRun(Backend& backend, const ModelConfig& model, StoredType tables, const RunConfig& config,
                       const RunSizes& sizes) {
    backend.ledger().resetPeak();
    const std::unique_ptr<ExecutionContext> context = backend.createContext();
    const std::shared_ptr<const BaseModel> base = outlineBase(*context, model, tables, config, sizes.blocksizes);
    LoraAdapter adapter = outlineAdapter(*context, model, config);
    Optimizer optimizer(*context, adapter.parameters(), config.training, config.lora.loraPlusRatio);
    const Storage scalars = context->allocate(DType::F32, {3}, MemoryTag::Workspace);
    takeStep(*context, *base, adapter, optimizer, config, sizes.training, scalars);
    if (!sizes.evaluation.lengths.empty())
        evaluate(*context, *base, adapter, sizes.evaluation);
    if (sizes.sampleTokens > 0)
        drawSample(*context, *base, adapter, sizes.sampleTokens);
    backend.synchronize(*context);
    return backend.ledger().peak();
}

} // namespace lorikeet
