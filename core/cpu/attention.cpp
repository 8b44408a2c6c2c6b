// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <limits>
#include <vector>

#include "core/cpu/attention_blocks.h"
#include "core/cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/cpu/attention.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/cpu/attention_views.h"
#include "core/cpu/simd_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lorikeet::HWY_NAMESPACE {

template <typename T>
HWY_INLINE float dotProduct(const T* a, const T* b, std::size_t n) {
    return sumVectors(n, [&](std::size_t i, std::size_t count)
                             LORIKEET_INLINE { return hn::Mul(load(a + i, count), load(b + i, count)); });
}

/// sum += factor * x
template <typename T>
HWY_INLINE void addScaled(float factor, const T* x, float* sum, std::size_t n) {
    forEachVector(n, [&](std::size_t i, std::size_t count) LORIKEET_INLINE {
        store(hn::MulAdd(set(factor), load(x + i, count), load(sum + i, count)), sum + i, count);
    });
}

template <typename T>
HWY_INLINE void storeScaled(float factor, const float* x, T* y, std::size_t n) {
    forEachVector(n, [&](std::size_t i, std::size_t count)
                         LORIKEET_INLINE { store(hn::Mul(set(factor), load(x + i, count)), y + i, count); });
}

void attendBlock(const AttentionViews& views, const AttentionBlock& block, int head) {
    withReal(views.type, [&](auto element) {
        using T = decltype(element);
        const AttentionSpec& spec = views.spec;
        const std::size_t size = std::size_t(spec.headDim);
        std::vector<float> weights(std::size_t(block.sequence.keys)), sum(size);
        for (int64_t i = block.begin; i < block.end; ++i) {
            const int64_t position = block.sequence.firstPosition() + i;
            const int64_t from = block.sequence.keysFrom(position, spec), to = block.sequence.keysTo(position, spec);
            const T* q = views.query<T>(views.q, block.sequence.queryBegin + i, head);
            float top = -std::numeric_limits<float>::infinity();
            for (int64_t j = from; j < to; ++j) {
                weights[std::size_t(j)] =
                    spec.scale * dotProduct(q, views.key<T>(views.k, block.sequence.keyBegin + j, head), size);
                top = std::max(top, weights[std::size_t(j)]);
            }
            float denominator = 0.0f;
            std::fill(sum.begin(), sum.end(), 0.0f);
            for (int64_t j = from; j < to; ++j) {
                const float weight = hn::GetLane(exponential(set(weights[std::size_t(j)] - top)));
                denominator += weight;
                addScaled(weight, views.key<T>(views.v, block.sequence.keyBegin + j, head), sum.data(), size);
            }
            storeScaled(1.0f / denominator, sum.data(), views.query<T>(views.out, block.sequence.queryBegin + i, head),
                        size);
            views.logSumExp[head * views.queries + block.sequence.queryBegin + i] = top + std::log(denominator);
        }
    });
}

/// dQ of a block of queries.
void queryGradients(const AttentionViews& views, const AttentionBlock& block, int head) {
    withReal(views.type, [&](auto element) {
        using T = decltype(element);
        const AttentionSpec& spec = views.spec;
        const std::size_t size = std::size_t(spec.headDim);
        std::vector<float> sum(size);
        for (int64_t i = block.begin; i < block.end; ++i) {
            const int64_t position = block.sequence.firstPosition() + i, row = block.sequence.queryBegin + i;
            const T *q = views.query<T>(views.q, row, head), *dOut = views.query<T>(views.dOut, row, head);
            const float delta = dotProduct(dOut, views.query<T>(views.out, row, head), size);
            const float logSumExp = views.logSumExp[head * views.queries + row];
            views.delta[head * views.queries + row] = delta;
            std::fill(sum.begin(), sum.end(), 0.0f);
            for (int64_t j = block.sequence.keysFrom(position, spec); j < block.sequence.keysTo(position, spec); ++j) {
                const T* k = views.key<T>(views.k, block.sequence.keyBegin + j, head);
                const T* v = views.key<T>(views.v, block.sequence.keyBegin + j, head);
                const float weight = hn::GetLane(exponential(set(spec.scale * dotProduct(q, k, size) - logSumExp)));
                addScaled(weight * (dotProduct(dOut, v, size) - delta), k, sum.data(), size);
            }
            storeScaled(spec.scale, sum.data(), views.query<T>(views.dQ, row, head), size);
        }
    });
}

/// dK and dV of a block of keys, from every query head that reads them; delta is there.
void keyGradients(const AttentionViews& views, const AttentionBlock& block, int kvHead) {
    withReal(views.type, [&](auto element) {
        using T = decltype(element);
        const AttentionSpec& spec = views.spec;
        const std::size_t size = std::size_t(spec.headDim);
        const int group = spec.heads / spec.kvHeads;
        std::vector<float> sumK(size), sumV(size);
        for (int64_t j = block.begin; j < block.end; ++j) {
            std::fill(sumK.begin(), sumK.end(), 0.0f);
            std::fill(sumV.begin(), sumV.end(), 0.0f);
            for (int head = kvHead * group; head < (kvHead + 1) * group; ++head) {
                const T* k = views.key<T>(views.k, block.sequence.keyBegin + j, head);
                const T* v = views.key<T>(views.v, block.sequence.keyBegin + j, head);
                for (int64_t i = 0; i < block.sequence.queries; ++i) {
                    const int64_t position = block.sequence.firstPosition() + i, row = block.sequence.queryBegin + i;
                    if (j < block.sequence.keysFrom(position, spec) || j >= block.sequence.keysTo(position, spec))
                        continue;
                    const T *q = views.query<T>(views.q, row, head), *dOut = views.query<T>(views.dOut, row, head);
                    const float weight = hn::GetLane(exponential(
                        set(spec.scale * dotProduct(q, k, size) - views.logSumExp[head * views.queries + row])));
                    addScaled(weight, dOut, sumV.data(), size);
                    const float delta = views.delta[head * views.queries + row];
                    addScaled(weight * (dotProduct(dOut, v, size) - delta), q, sumK.data(), size);
                }
            }
            storeScaled(1.0f, sumV.data(), views.kvKey<T>(views.dV, block.sequence.keyBegin + j, kvHead), size);
            storeScaled(spec.scale, sumK.data(), views.kvKey<T>(views.dK, block.sequence.keyBegin + j, kvHead), size);
        }
    });
}

} // namespace lorikeet::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lorikeet {

namespace {

constexpr int64_t kBlockRows = 32;

} // namespace

void CpuBackend::doAttention(ExecutionContext&, const Tensor& q, const Tensor& k, const Tensor& v,
                             const SequenceLayout& layout, const AttentionSpec& spec, const Tensor& out,
                             const Tensor& logSumExp) {
    AttentionViews views(q, k, v, out, logSumExp, spec);
    const auto attend = LORIKEET_KERNEL(m_kernels, attendBlock);
    const std::vector<AttentionBlock> blocks = queryBlocks(layout, kBlockRows);
    m_pool.parallelFor(int64_t(blocks.size()) * spec.heads, [&](int64_t tile) {
        attend(views, blocks[std::size_t(tile / spec.heads)], int(tile % spec.heads));
    });
}

void CpuBackend::doAttentionBackward(ExecutionContext&, const Tensor& dOut, const Tensor& q, const Tensor& k,
                                     const Tensor& v, const Tensor& out, const Tensor& logSumExp,
                                     const SequenceLayout& layout, const AttentionSpec& spec, const Tensor& dQ,
                                     const Tensor& dK, const Tensor& dV) {
    AttentionViews views(q, k, v, out, logSumExp, spec);
    std::vector<float> delta(std::size_t(logSumExp.elements()));
    views.dOut = dOut.data;
    views.dQ = dQ.data;
    views.dK = dK.data;
    views.dV = dV.data;
    views.delta = delta.data();
    const auto forQueries = LORIKEET_KERNEL(m_kernels, queryGradients);
    const std::vector<AttentionBlock> queries = queryBlocks(layout, kBlockRows);
    m_pool.parallelFor(int64_t(queries.size()) * spec.heads, [&](int64_t tile) {
        forQueries(views, queries[std::size_t(tile / spec.heads)], int(tile % spec.heads));
    });
    const auto forKeys = LORIKEET_KERNEL(m_kernels, keyGradients);
    const std::vector<AttentionBlock> keys = keyBlocks(layout, kBlockRows);
    m_pool.parallelFor(int64_t(keys.size()) * spec.kvHeads, [&](int64_t tile) {
        forKeys(views, keys[std::size_t(tile / spec.kvHeads)], int(tile % spec.kvHeads));
    });
}

} // namespace lorikeet
#endif
