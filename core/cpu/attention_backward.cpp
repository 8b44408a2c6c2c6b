// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <vector>

#include "core/cpu/attention_views.h"
#include "core/cpu/cpu_workspace.h"
#include "core/cpu/scratch_slots.h"
#include "core/cpu/simd_targets.h"
#include "core/cpu/tiles.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/cpu/attention_backward.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/cpu/attention_gradients.h"
#include "core/cpu/attention_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lorikeet::HWY_NAMESPACE {

constexpr auto kScoreRow = std::size_t(kKeyBlock);

/// The panels of one block of keys: keys both ways, values transposed.
void packGradientBlock(const AttentionViews& views, const AttentionBlock& block, int kvHead, float* keys,
                       float* keyColumns, float* valueColumns) {
    withReal(views.type, [&](auto element) {
        using T = decltype(element);
        const int64_t row = block.sequence.keyBegin + block.begin;
        const auto stride = std::size_t(views.keyStride()), rows = std::size_t(block.end - block.begin);
        const auto size = std::size_t(views.spec.headDim), padded = std::size_t(paddedHeadDim(views.spec));
        const T* k = views.keyRow<T>(views.k, row, kvHead);
        copyRows(k, stride, rows, size, 1.0f, keys, padded);
        copyColumns(k, stride, rows, size, keyColumns, kScoreRow);
        copyColumns(views.keyRow<T>(views.v, row, kvHead), stride, rows, size, valueColumns, kScoreRow);
    });
}

/// The queries of one sequence and head as float32: scaled q, dOut, a zero dQ, and out . dOut of each row.
void loadQueries(const AttentionViews& views, const AttentionSequence& sequence, int head,
                 const HeadGradients& gradients) {
    withReal(views.type, [&](auto element) {
        using T = decltype(element);
        const auto stride = std::size_t(views.queryStride()), rows = std::size_t(sequence.queries);
        const auto size = std::size_t(views.spec.headDim), padded = std::size_t(paddedHeadDim(views.spec));
        const T* dOut = views.queryRow<T>(views.dOut, sequence.queryBegin, head);
        const T* out = views.queryRow<T>(views.out, sequence.queryBegin, head);
        copyRows(views.queryRow<T>(views.q, sequence.queryBegin, head), stride, rows, size, views.spec.scale,
                 gradients.q, padded);
        copyRows(dOut, stride, rows, size, 1.0f, gradients.dOut, padded);
        const std::size_t paddedRows = std::size_t(paddedQueries(sequence));
        std::fill(gradients.q + rows * padded, gradients.q + paddedRows * padded, 0.0f);
        std::fill(gradients.dOut + rows * padded, gradients.dOut + paddedRows * padded, 0.0f);
        std::fill(gradients.dQ, gradients.dQ + paddedRows * padded, 0.0f);
        for (std::size_t row = 0; row < rows; ++row)
            gradients.delta[row] = sumVectors(size, [&](std::size_t i, std::size_t count) LORIKEET_INLINE {
                return hn::Mul(load(out + row * stride + i, count), load(dOut + row * stride + i, count));
            });
    });
}

/// Turns a row of scores into weights and a row of their gradients into the scores', zero where masked.
HWY_INLINE void weightGradients(float* scores, float* dScores, std::size_t columns, int64_t from, int64_t to,
                                float logSumExp, float delta) {
    const bool masked = from > 0 || to < int64_t(columns);
    for (std::size_t i = 0; i < columns; i += lanes()) {
        Vec weight = exponential(hn::Sub(loadVector(scores + i), set(logSumExp)));
        if (masked)
            weight = hn::IfThenElseZero(columnsWithin(i, from, to), weight);
        storeVector(weight, scores + i);
        storeVector(hn::Mul(weight, hn::Sub(loadVector(dScores + i), set(delta))), dScores + i);
    }
}

/// All gradients of one sequence and query head: its dQ, and its share of dK and dV.
void headGradients(const AttentionViews& views, const AttentionSequence& sequence, int head,
                   const GradientPanels& panels, const HeadGradients& gradients) {
    const AttentionSpec& spec = views.spec;
    const auto size = std::size_t(spec.headDim), padded = std::size_t(paddedHeadDim(spec));
    const float* logSumExp = views.logSumExp + head * views.queries + sequence.queryBegin;
    loadQueries(views, sequence, head, gradients);
    std::vector<float> scratch(2 * std::size_t(kQueryBlock) * kScoreRow);
    float *scores = scratch.data(), *dScores = scores + std::size_t(kQueryBlock) * kScoreRow;
    for (int64_t first = 0; first < sequence.keys; first += kKeyBlock) {
        const int64_t keyBlock = sequence.firstKeyBlock + first / kKeyBlock, kvHead = views.kvHead(head);
        float *dK = gradients.dK + std::size_t(first) * padded, *dV = gradients.dV + std::size_t(first) * padded;
        std::fill(dK, dK + std::size_t(kKeyBlock) * padded, 0.0f);
        std::fill(dV, dV + std::size_t(kKeyBlock) * padded, 0.0f);
        for (int64_t begin = 0; begin < sequence.queries; begin += kQueryBlock) {
            const int64_t end = std::min(begin + kQueryBlock, sequence.queries);
            const int64_t to = std::min(sequence.keysTo(end - 1, spec) - first, kKeyBlock);
            if (to <= 0 || sequence.keysFrom(begin, spec) >= first + kKeyBlock)
                continue;
            const auto rows = std::size_t(end - begin), count = std::size_t(to);
            // Whole vectors and whole tiles of the products below: what is beyond the visible keys becomes zero.
            const std::size_t columns = roundUp(roundUp(count, std::size_t(kAttentionRows)), lanes());
            const float *q = gradients.q + std::size_t(begin) * padded,
                        *dOut = gradients.dOut + std::size_t(begin) * padded;
            multiply({q, padded, 1}, panels.keyColumns.at(keyBlock, kvHead), kScoreRow, scores, kScoreRow, rows,
                     columns, size, false);
            multiply({dOut, padded, 1}, panels.valueColumns.at(keyBlock, kvHead), kScoreRow, dScores, kScoreRow, rows,
                     columns, size, false);
            for (std::size_t r = 0; r < rows; ++r) {
                const int64_t i = begin + int64_t(r);
                weightGradients(scores + r * kScoreRow, dScores + r * kScoreRow, columns,
                                sequence.keysFrom(i, spec) - first, sequence.keysTo(i, spec) - first, logSumExp[i],
                                gradients.delta[i]);
            }
            multiply({scores, 1, kScoreRow}, dOut, padded, dV, padded, count, padded, rows, true);
            multiply({dScores, 1, kScoreRow}, q, padded, dK, padded, count, padded, rows, true);
            multiply({dScores, kScoreRow, 1}, panels.keys.at(keyBlock, kvHead), padded,
                     gradients.dQ + std::size_t(begin) * padded, padded, rows, padded, count, true);
        }
    }
    withReal(views.type, [&](auto element) {
        using T = decltype(element);
        for (int64_t i = 0; i < sequence.queries; ++i) {
            T* dQ = views.queryRow<T>(views.dQ, sequence.queryBegin + i, head);
            forEachVector(size, [&](std::size_t c, std::size_t n) LORIKEET_INLINE {
                store(hn::Mul(set(spec.scale), loadVector(gradients.dQ + std::size_t(i) * padded + c)), dQ + c, n);
            });
        }
    });
}

/// A row of dK or dV: the sum of the shares that the heads of its group left, `share` elements apart.
void sumShares(DType type, const float* first, std::size_t share, std::size_t shares, std::byte* y, std::size_t size) {
    withReal(type, [&](auto element) {
        auto* target = reinterpret_cast<decltype(element)*>(y);
        forEachVector(size, [&](std::size_t i, std::size_t n) LORIKEET_INLINE {
            Vec sum = loadVector(first + i);
            for (std::size_t s = 1; s < shares; ++s)
                sum = hn::Add(sum, loadVector(first + s * share + i));
            store(sum, target + i, n);
        });
    });
}

} // namespace lorikeet::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lorikeet {

namespace {

/// Panels of every key block and key/value head, and the memory under them.
struct PanelMemory {
    Storage memory;
    AttentionPanels panels;

    PanelMemory(DeviceAllocator& allocator, std::size_t keyBlocks, const AttentionSpec& spec, int64_t panel)
        : memory(allocator, DType::F32, {int64_t(keyBlocks) * spec.kvHeads, panel}, MemoryTag::Workspace),
          panels{elementsOf<float>(memory), spec.kvHeads, panel} {}
};

/// Slots for the gradients of one head over one sequence: as many as can be at work, each for the longest.
struct GradientSlots {
    GradientSlots(const std::vector<AttentionSequence>& sequences, const AttentionSpec& spec, int threads)
        : count(int(std::min<int64_t>(threads, int64_t(sequences.size()) * spec.heads))) {
        for (const AttentionSequence& sequence : sequences)
            floats = std::max(floats, paddedQueries(sequence) * (3 * paddedHeadDim(spec) + 1));
    }

    int count;
    int64_t floats = 0;
};

/// Floats of the shares that the heads leave of dK or of dV.
int64_t shareFloats(int64_t keyBlocks, const AttentionSpec& spec) {
    return keyBlocks * kKeyBlock * paddedHeadDim(spec);
}

} // namespace

int64_t CpuWorkspace::attentionBackward(const SequenceOffsets& offsets, const AttentionSpec& spec) const {
    const std::vector<AttentionSequence> sequences = sequencesOf(offsets);
    const int64_t keyBlocks = countKeyBlocks(sequences);
    const int64_t panels = keyBlocks * spec.kvHeads * kKeyBlock * (paddedHeadDim(spec) + 2 * spec.headDim);
    const int64_t shares = 2 * spec.heads * shareFloats(keyBlocks, spec);
    const GradientSlots slots(sequences, spec, m_threads);
    return (panels + shares) * int64_t(sizeof(float)) + ScratchSlots::bytes(slots.count, slots.floats);
}

void CpuBackend::doAttentionBackward(ExecutionContext& context, const Tensor& dOut, const Tensor& q, const Tensor& k,
                                     const Tensor& v, const Tensor& out, const Tensor& logSumExp,
                                     const SequenceLayout& layout, const AttentionSpec& spec, const Tensor& dQ,
                                     const Tensor& dK, const Tensor& dV) {
    AttentionViews views(q, k, v, out, logSumExp, spec);
    views.dOut = dOut.data;
    views.dQ = dQ.data;
    const std::vector<AttentionSequence> sequences = sequencesOf(layout);
    const std::vector<AttentionBlock> blocks = keyBlocks(sequences);
    const int64_t padded = paddedHeadDim(spec);
    const PanelMemory keys(*this, blocks.size(), spec, kKeyBlock * padded);
    const PanelMemory keyColumns(*this, blocks.size(), spec, kKeyBlock * spec.headDim);
    const PanelMemory valueColumns(*this, blocks.size(), spec, kKeyBlock * spec.headDim);
    const auto pack = LORIKEET_KERNEL(m_kernels, packGradientBlock);
    m_pool.parallelFor(int64_t(blocks.size()) * spec.kvHeads, [&](int64_t tile) {
        const int64_t block = tile / spec.kvHeads, kvHead = tile % spec.kvHeads;
        pack(views, blocks[std::size_t(block)], int(kvHead), keys.panels.at(block, kvHead),
             keyColumns.panels.at(block, kvHead), valueColumns.panels.at(block, kvHead));
    });

    // Each head of a group leaves its share of dK and dV, [H, key blocks, kKeyBlock, padded D]; they are summed then.
    const int64_t share = shareFloats(int64_t(blocks.size()), spec);
    const Storage dKShares(*this, DType::F32, {spec.heads, share}, MemoryTag::Workspace);
    const Storage dVShares(*this, DType::F32, {spec.heads, share}, MemoryTag::Workspace);
    const GradientSlots wanted(sequences, spec, m_pool.threads());
    ScratchSlots slots(context, wanted.count, wanted.floats);
    const GradientPanels panels{keys.panels, keyColumns.panels, valueColumns.panels};
    const auto gradients = LORIKEET_KERNEL(m_kernels, headGradients);
    m_pool.parallelFor(int64_t(sequences.size()) * spec.heads, [&](int64_t tile) {
        const AttentionSequence& sequence = sequences[std::size_t(tile / spec.heads)];
        const int64_t head = tile % spec.heads, rows = paddedQueries(sequence);
        const ScratchSlots::Slot slot(slots);
        const int64_t keyOffset = sequence.firstKeyBlock * kKeyBlock * padded;
        gradients(views, sequence, int(head), panels,
                  HeadGradients(slot.data(), rows, padded, elementsOf<float>(dKShares) + head * share + keyOffset,
                                elementsOf<float>(dVShares) + head * share + keyOffset));
    });

    const auto sum = LORIKEET_KERNEL(m_kernels, sumShares);
    const int64_t group = spec.heads / spec.kvHeads;
    m_pool.parallelFor(int64_t(blocks.size()), [&](int64_t tile) {
        const AttentionBlock& block = blocks[std::size_t(tile)];
        for (int64_t row = 0; row < block.end - block.begin; ++row)
            for (int64_t kvHead = 0; kvHead < spec.kvHeads; ++kvHead) {
                const int64_t from = kvHead * group * share + (tile * kKeyBlock + row) * padded;
                const int64_t to =
                    (block.sequence.keyBegin + block.begin + row) * views.keyStride() + kvHead * spec.headDim;
                sum(dK.dtype, elementsOf<float>(dKShares) + from, std::size_t(share), std::size_t(group),
                    elementAt(dK, to), std::size_t(spec.headDim));
                sum(dV.dtype, elementsOf<float>(dVShares) + from, std::size_t(share), std::size_t(group),
                    elementAt(dV, to), std::size_t(spec.headDim));
            }
    });
}

} // namespace lorikeet
#endif
