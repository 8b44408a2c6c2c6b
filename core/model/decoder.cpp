// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/decoder.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

#include "core/base/error.h"
#include "core/model/attention_layer.h"
#include "core/model/feed_forward_layer.h"
#include "core/model/kv_cache.h"
#include "core/model/output_head.h"

// Legend: T tokens of the stream, C hidden size, M target rows, V vocabulary. The residual stream is [T, C].

namespace lorikeet {

namespace {

constexpr BaseTensor kEmbedding = {BaseTensor::Kind::Embedding};

/// What the backward pass needs of one layer. `input` alone is kept with gradient checkpointing.
struct LayerSaved {
    Storage input;  ///< [T, C]
    Storage middle; ///< [T, C], between attention and feed-forward
    AttentionSaved attention;
    FeedForwardSaved feedForward;
};

Pass passOver(ExecutionContext& context, const BaseModel& base, const LoraAdapter* adapter, const DeviceBatch& batch,
              const PassOptions& options) {
    if (adapter)
        adapter->prepare(context, base);
    return {context,
            context.backend(),
            base,
            adapter,
            batch.positions,
            batch.layout(),
            base.rope(context, batch.positionLimit),
            options};
}

Storage embed(const Pass& pass, const Tensor& tokens) {
    Storage stream = pass.activations(pass.config().hiddenSize);
    pass.backend.embedding(pass.context, tokens, pass.weight(kEmbedding), stream);
    return stream;
}

Storage forwardLayer(const Pass& pass, int layer, const Tensor& input, LayerSaved* saved) {
    Storage middle = pass.activations(input.shape[1]);
    AttentionLayer(pass, layer).forward(input, middle, saved ? &saved->attention : nullptr);
    Storage output = pass.activations(input.shape[1]);
    FeedForwardLayer(pass, layer).forward(middle, output, saved ? &saved->feedForward : nullptr);
    if (saved)
        saved->middle = std::move(middle);
    return output;
}

/// dStream [T, C]: the gradient by the layer's output on entry, by its input on return.
void backwardLayer(const Pass& pass, int layer, LayerSaved& saved, bool needsInput, const Tensor& dStream) {
    const AttentionLayer attention(pass, layer);
    const bool attentionNeeds = needsInput || attention.trains();
    FeedForwardLayer(pass, layer).backward(saved.middle, saved.feedForward, attentionNeeds, dStream);
    saved.middle.reset();
    saved.feedForward = {};
    if (attentionNeeds)
        attention.backward(saved.input, saved.attention, needsInput, dStream);
}

Storage forwardAll(const Pass& pass, const Tensor& tokens) {
    Storage stream = embed(pass, tokens);
    for (int layer = 0; layer < pass.config().layers; ++layer) {
        pass.requireGoing();
        stream = forwardLayer(pass, layer, stream, nullptr);
    }
    return stream;
}

} // namespace

void lossAndGradients(ExecutionContext& context, const BaseModel& base, LoraAdapter& adapter, const DeviceBatch& batch,
                      float lossScale, const PassOptions& options, const Tensor& lossSum) {
    if (!adapter.trainable())
        fail(ErrorCode::InvalidArgument, "lossAndGradients: the adapter is frozen");
    if (batch.targetCount() == 0)
        return;
    const Pass pass = passOver(context, base, &adapter, batch, options);
    const int layers = base.config().layers;
    const int lowest = adapter.lowestLayer();
    const Parameter* embedding = adapter.copyOf(kEmbedding);

    // Forward. Below the first adapter nothing trains, so nothing is kept.
    Storage stream = embed(pass, batch.tokens);
    if (options.neftuneAlpha > 0.0f)
        pass.backend.addNoise(context, batch.offsets, options.neftuneAlpha,
                              {options.seed, RandomPurpose::Neftune, options.microBatch, options.step}, stream);
    for (int layer = 0; layer < lowest; ++layer)
        stream = forwardLayer(pass, layer, stream, nullptr);
    std::vector<LayerSaved> saved{std::size_t(layers)};
    // The last layer's turn comes at once: computing it again would save nothing.
    const auto recomputes = [&](int layer) { return options.gradientCheckpointing && layer < layers - 1; };
    for (int layer = lowest; layer < layers; ++layer) {
        LayerSaved& mine = saved[std::size_t(layer)];
        Storage output = forwardLayer(pass, layer, stream, recomputes(layer) ? nullptr : &mine);
        mine.input = std::exchange(stream, std::move(output));
    }

    // Loss, and the gradient by the last layer's output.
    const Storage dStream = pass.activations(base.config().hiddenSize);
    headLossAndGradient(pass, stream, batch, lossScale, lossSum, dStream);
    stream.reset();

    // Backward, freeing each layer when it is done.
    for (int layer = layers - 1; layer >= lowest; --layer) {
        LayerSaved mine = std::move(saved[std::size_t(layer)]);
        if (recomputes(layer))
            forwardLayer(pass, layer, mine.input, &mine);
        backwardLayer(pass, layer, mine, layer > lowest || embedding, dStream);
    }
    if (embedding)
        context.backend().embeddingBackward(context, dStream, batch.tokens, embedding->gradient);
    adapter.expectChanges();
}

void targetLosses(ExecutionContext& context, const BaseModel& base, const LoraAdapter* adapter,
                  const DeviceBatch& batch, const Tensor& losses, std::stop_token stop) {
    if (batch.targetCount() == 0)
        return;
    Pass pass = passOver(context, base, adapter, batch, {});
    pass.stop = std::move(stop);
    headLosses(pass, forwardAll(pass, batch.tokens), batch, losses);
}

void targetLogits(ExecutionContext& context, const BaseModel& base, const LoraAdapter* adapter,
                  const DeviceBatch& batch, const Tensor& logits) {
    if (batch.targetCount() == 0)
        return;
    const Pass pass = passOver(context, base, adapter, batch, {});
    headLogits(pass, forwardAll(pass, batch.tokens), batch.targetRows, logits);
}

void decode(ExecutionContext& context, const BaseModel& base, const LoraAdapter* adapter, const Tensor& tokens,
            KvCache& cache, const Tensor& logits) {
    const int64_t count = tokens.shape[0];
    const int64_t begin = cache.length();
    const int64_t wanted = logits.shape[0];
    if (count < 1 || count > cache.capacity() - begin || wanted < 1 || wanted > count)
        fail(ErrorCode::InvalidArgument, "decode: {} tokens, {} rows of logits, but the cache holds {} of {}", count,
             wanted, begin, cache.capacity());
    // positions of the tokens, then the offsets of queries, of keys, and the rows whose logits are wanted
    std::vector<int32_t> numbers(std::size_t(count + 4 + wanted));
    std::iota(numbers.begin(), numbers.begin() + count, int32_t(begin));
    const std::array<int32_t, 4> offsets = {0, int32_t(count), 0, int32_t(begin + count)};
    std::copy(offsets.begin(), offsets.end(), numbers.begin() + count);
    std::iota(numbers.begin() + count + 4, numbers.end(), int32_t(count - wanted));
    const Storage uploaded = context.allocate(DType::I32, {int64_t(numbers.size())}, MemoryTag::Data);
    context.backend().upload(context, numbers.data(), uploaded);
    const Tensor& all = uploaded.view();
    const SequenceLayout layout = {all.rows(count, count + 2), all.rows(count + 2, count + 4), count, begin + count};
    if (adapter)
        adapter->prepare(context, base);
    const Pass pass = {
        context, context.backend(), base, adapter, all.rows(0, count), layout, base.rope(context, begin + count), {},
        &cache};
    const Storage stream = forwardAll(pass, tokens);
    headLogits(pass, stream, all.rows(count + 4, count + 4 + wanted), logits);
    cache.advance(count);
}

} // namespace lorikeet
