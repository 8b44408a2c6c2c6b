// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <limits>
#include <vector>

#include "core/cpu/attention_views.h"
#include "core/cpu/cpu_workspace.h"
#include "core/cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/cpu/attention.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/cpu/attention_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lorikeet::HWY_NAMESPACE {

/// The panels of one block of keys: keys transposed, values as they are.
void packKeyBlock(const AttentionViews& views, const AttentionBlock& block, int kvHead, float* keys, float* values) {
    withReal(views.type, [&](auto element) {
        using T = decltype(element);
        const int64_t row = block.sequence.keyBegin + block.begin;
        const auto stride = std::size_t(views.keyStride()), rows = std::size_t(block.end - block.begin);
        const auto size = std::size_t(views.spec.headDim), padded = std::size_t(paddedHeadDim(views.spec));
        copyColumns(views.keyRow<T>(views.k, row, kvHead), stride, rows, size, keys, std::size_t(kKeyBlock));
        copyRows(views.keyRow<T>(views.v, row, kvHead), stride, rows, size, 1.0f, values, padded);
    });
}

/// What one row of queries carries from one block of keys to the next (Milakov, Gimelshein 2018).
struct RunningSoftmax {
    float top = -std::numeric_limits<float>::infinity();
    float sum = 0.0f;

    /// Turns `columns` scores, of which [from, to) are visible, into weights relative to the row's maximum so far;
    /// returns the factor for what was summed before.
    HWY_INLINE float absorb(float* scores, std::size_t columns, int64_t from, int64_t to) {
        const float infinity = std::numeric_limits<float>::infinity();
        const bool masked = from > 0 || to < int64_t(columns);
        Vec largest = set(-infinity);
        for (std::size_t i = 0; i < columns; i += lanes()) {
            Vec score = loadVector(scores + i);
            if (masked) {
                score = hn::IfThenElse(columnsWithin(i, from, to), score, set(-infinity));
                storeVector(score, scores + i);
            }
            largest = hn::Max(largest, score);
        }
        const float before = top;
        top = std::max(top, hn::GetLane(hn::MaxOfLanes(Floats(), largest)));
        // While nothing is visible the maximum is -infinity, and infinity - infinity would not be a number.
        const Vec shift = set(top == -infinity ? 0.0f : top);
        Vec total = set(0);
        for (std::size_t i = 0; i < columns; i += lanes()) {
            const Vec weight = exponential(hn::Sub(loadVector(scores + i), shift));
            storeVector(weight, scores + i);
            total = hn::Add(total, weight);
        }
        const float factor = before == top ? 1.0f : std::exp(before - top);
        sum = sum * factor + hn::GetLane(hn::SumOfLanes(Floats(), total));
        return factor;
    }
};

HWY_INLINE void scaleRow(float* row, std::size_t columns, float factor) {
    for (std::size_t i = 0; i < columns; i += lanes())
        storeVector(hn::Mul(set(factor), loadVector(row + i)), row + i);
}

/// The outputs of one block of queries of one head, over panels of keys and values.
void attendBlock(const AttentionViews& views, const AttentionBlock& block, int head, const AttentionPanels& keys,
                 const AttentionPanels& values) {
    const AttentionSpec& spec = views.spec;
    const AttentionSequence& sequence = block.sequence;
    const auto size = std::size_t(spec.headDim), padded = std::size_t(paddedHeadDim(spec));
    const auto rows = std::size_t(block.end - block.begin);
    std::vector<float> scratch(std::size_t(kQueryBlock) * (2 * padded + std::size_t(kKeyBlock)));
    float *q = scratch.data(), *sums = q + std::size_t(kQueryBlock) * padded;
    float* scores = sums + std::size_t(kQueryBlock) * padded;
    RunningSoftmax softmax[kQueryBlock];
    const int64_t firstRow = sequence.queryBegin + block.begin;
    withReal(views.type, [&](auto element) {
        using T = decltype(element);
        copyRows(views.queryRow<T>(views.q, firstRow, head), std::size_t(views.queryStride()), rows, size, spec.scale,
                 q, padded);
    });
    const int64_t from = sequence.keysFrom(block.begin, spec), to = sequence.keysTo(block.end - 1, spec);
    for (int64_t first = from / kKeyBlock * kKeyBlock; first < to; first += kKeyBlock) {
        const int64_t keyBlock = sequence.firstKeyBlock + first / kKeyBlock;
        const auto count = std::size_t(std::min(kKeyBlock, to - first));
        const std::size_t columns = roundUp(count, lanes());
        multiply({q, padded, 1}, keys.at(keyBlock, views.kvHead(head)), std::size_t(kKeyBlock), scores,
                 std::size_t(kKeyBlock), rows, columns, size, false);
        for (std::size_t r = 0; r < rows; ++r) {
            const int64_t i = block.begin + int64_t(r);
            const float factor =
                softmax[r].absorb(scores + r * std::size_t(kKeyBlock), columns, sequence.keysFrom(i, spec) - first,
                                  sequence.keysTo(i, spec) - first);
            if (factor != 1.0f)
                scaleRow(sums + r * padded, padded, factor);
        }
        multiply({scores, std::size_t(kKeyBlock), 1}, values.at(keyBlock, views.kvHead(head)), padded, sums, padded,
                 rows, padded, count, true);
    }
    withReal(views.type, [&](auto element) {
        using T = decltype(element);
        for (std::size_t r = 0; r < rows; ++r) {
            const Vec factor = set(1.0f / softmax[r].sum);
            T* out = views.queryRow<T>(views.out, firstRow + int64_t(r), head);
            forEachVector(size, [&](std::size_t i, std::size_t n) LORIKEET_INLINE {
                store(hn::Mul(factor, loadVector(sums + r * padded + i)), out + i, n);
            });
            views.logSumExp[head * views.queries + firstRow + int64_t(r)] = softmax[r].top + std::log(softmax[r].sum);
        }
    });
}

/// The output of one query, straight from the tensors: where there are too few queries to pay for panels.
void attendQuery(const AttentionViews& views, const AttentionSequence& sequence, int64_t i, int head) {
    withReal(views.type, [&](auto element) {
        using T = decltype(element);
        const auto size = std::size_t(views.spec.headDim), padded = std::size_t(paddedHeadDim(views.spec));
        const int64_t from = sequence.keysFrom(i, views.spec), to = sequence.keysTo(i, views.spec);
        const auto count = std::size_t(to - from), columns = roundUp(count, lanes());
        std::vector<float> scratch(columns + 2 * padded);
        float *scores = scratch.data(), *q = scores + columns, *sums = q + padded;
        copyRows(views.queryRow<T>(views.q, sequence.queryBegin + i, head), 0, 1, size, views.spec.scale, q, padded);
        const T* k = views.keyRow<T>(views.k, sequence.keyBegin + from, views.kvHead(head));
        for (std::size_t j = 0; j < count; ++j, k += views.keyStride())
            scores[j] = sumVectors(size, [&](std::size_t c, std::size_t n)
                                             LORIKEET_INLINE { return hn::Mul(loadVector(q + c), load(k + c, n)); });
        RunningSoftmax softmax;
        softmax.absorb(scores, columns, 0, int64_t(count));
        const T* v = views.keyRow<T>(views.v, sequence.keyBegin + from, views.kvHead(head));
        for (std::size_t j = 0; j < count; ++j, v += views.keyStride())
            forEachVector(size, [&](std::size_t c, std::size_t n) LORIKEET_INLINE {
                storeVector(hn::MulAdd(set(scores[j]), load(v + c, n), loadVector(sums + c)), sums + c);
            });
        T* out = views.queryRow<T>(views.out, sequence.queryBegin + i, head);
        forEachVector(size, [&](std::size_t c, std::size_t n) LORIKEET_INLINE {
            store(hn::Mul(set(1.0f / softmax.sum), loadVector(sums + c)), out + c, n);
        });
        views.logSumExp[head * views.queries + sequence.queryBegin + i] = softmax.top + std::log(softmax.sum);
    });
}

} // namespace lorikeet::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lorikeet {

namespace {

/// Fewer queries of a sequence than this do not pay for packing its keys.
constexpr int64_t kFewQueries = 6;

bool packsKeys(const std::vector<AttentionSequence>& sequences) {
    return std::any_of(sequences.begin(), sequences.end(),
                       [](const AttentionSequence& sequence) { return sequence.queries >= kFewQueries; });
}

} // namespace

void CpuBackend::doAttention(ExecutionContext&, const Tensor& q, const Tensor& k, const Tensor& v,
                             const SequenceLayout& layout, const AttentionSpec& spec, const Tensor& out,
                             const Tensor& logSumExp) {
    const AttentionViews views(q, k, v, out, logSumExp, spec);
    const std::vector<AttentionSequence> sequences = sequencesOf(layout);
    const std::vector<AttentionBlock> queries = queryBlocks(sequences), keys = keyBlocks(sequences);
    const int64_t panels = packsKeys(sequences) ? int64_t(keys.size()) * spec.kvHeads : 0;
    const Storage keyMemory(*this, DType::F32, {panels, spec.headDim, kKeyBlock}, MemoryTag::Workspace);
    const Storage valueMemory(*this, DType::F32, {panels, kKeyBlock, paddedHeadDim(spec)}, MemoryTag::Workspace);
    const AttentionPanels keyPanels{elementsOf<float>(keyMemory), spec.kvHeads, spec.headDim * kKeyBlock};
    const AttentionPanels valuePanels{elementsOf<float>(valueMemory), spec.kvHeads, paddedHeadDim(spec) * kKeyBlock};
    const auto pack = LORIKEET_KERNEL(m_kernels, packKeyBlock);
    m_pool.parallelFor(panels, [&](int64_t tile) {
        const int64_t block = tile / spec.kvHeads, kvHead = tile % spec.kvHeads;
        if (keys[std::size_t(block)].sequence.queries >= kFewQueries)
            pack(views, keys[std::size_t(block)], int(kvHead), keyPanels.at(block, kvHead),
                 valuePanels.at(block, kvHead));
    });
    const auto attend = LORIKEET_KERNEL(m_kernels, attendBlock);
    const auto attendOne = LORIKEET_KERNEL(m_kernels, attendQuery);
    m_pool.parallelFor(int64_t(queries.size()) * spec.heads, [&](int64_t tile) {
        const AttentionBlock& block = queries[std::size_t(tile / spec.heads)];
        const int head = int(tile % spec.heads);
        if (block.sequence.queries >= kFewQueries) {
            attend(views, block, head, keyPanels, valuePanels);
            return;
        }
        for (int64_t i = block.begin; i < block.end; ++i)
            attendOne(views, block.sequence, i, head);
    });
}

int64_t CpuWorkspace::attention(const SequenceOffsets& offsets, const AttentionSpec& spec) const {
    const std::vector<AttentionSequence> sequences = sequencesOf(offsets);
    if (!packsKeys(sequences))
        return 0;
    const int64_t panel = kKeyBlock * (spec.headDim + paddedHeadDim(spec));
    return countKeyBlocks(sequences) * spec.kvHeads * panel * int64_t(sizeof(float));
}

} // namespace lorikeet
#endif
