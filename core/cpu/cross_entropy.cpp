// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "core/cpu/simd_targets.h"
#include "core/cpu/tiles.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/cpu/cross_entropy.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/cpu/simd_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lorikeet::HWY_NAMESPACE {

template <typename T>
float largest(const T* x, std::size_t n) {
    // Two maxima hide the latency; every lane starts from an element, so that padding plays no part.
    const std::size_t step = lanes();
    Vec m0 = set(-std::numeric_limits<float>::infinity()), m1 = m0;
    std::size_t i = 0;
    for (; i + 2 * step <= n; i += 2 * step) {
        m0 = hn::Max(m0, loadVector(x + i));
        m1 = hn::Max(m1, loadVector(x + i + step));
    }
    float result = hn::GetLane(hn::MaxOfLanes(Floats(), hn::Max(m0, m1)));
    for (; i < n; i += step) {
        const std::size_t count = std::min(step, n - i);
        HWY_ALIGN float rest[hn::MaxLanes(Floats())];
        hn::Store(load(x + i, count), Floats(), rest);
        for (std::size_t j = 0; j < count; ++j)
            result = std::max(result, rest[j]);
    }
    return result;
}

/// The loss of one row of logits; where dLogits is not null also its gradient times `scale`.
float crossEntropyRow(DType type, const std::byte* logitBytes, std::size_t n, std::size_t target, DType dType,
                      std::byte* dBytes, float scale) {
    float loss = 0.0f;
    withReal(type, [&](auto element) {
        using T = decltype(element);
        const T* logits = reinterpret_cast<const T*>(logitBytes);
        HWY_ALIGN float targetLogit[hn::MaxLanes(Floats())];
        hn::Store(load(logits + target, 1), Floats(), targetLogit);
        const float top = largest(logits, n);
        const Vec shift = set(top);
        const float sum = sumVectors(n, [&](std::size_t i, std::size_t count) LORIKEET_INLINE {
            return keepFirst(exponential(hn::Sub(load(logits + i, count), shift)), count);
        });
        loss = std::log(sum) - (targetLogit[0] - top);
        if (!dBytes)
            return;
        withReal(dType, [&](auto gradientElement) {
            auto* gradient = reinterpret_cast<decltype(gradientElement)*>(dBytes);
            const Vec factor = set(scale / sum);
            forEachVector(n, [&](std::size_t i, std::size_t count) LORIKEET_INLINE {
                store(hn::Mul(factor, exponential(hn::Sub(load(logits + i, count), shift))), gradient + i, count);
            });
            // Anew, not subtracted from what was stored: that may be rounded to bfloat16.
            const float probability = hn::GetLane(exponential(set(targetLogit[0] - top))) / sum;
            store(set(scale * (probability - 1.0f)), gradient + target, 1);
        });
    });
    return loss;
}

} // namespace lorikeet::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lorikeet {

void CpuBackend::doCrossEntropy(ExecutionContext&, const Tensor& logits, const Tensor& targets, const Tensor& losses,
                                const Tensor& dLogits, float scale) {
    const auto row = LORIKEET_KERNEL(m_kernels, crossEntropyRow);
    const int64_t columns = logits.shape[1];
    forEachRowTile(m_pool, logits.shape[0], columns, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i)
            elementsOf<float>(losses)[i] = row(logits.dtype, elementAt(logits, i * columns), std::size_t(columns),
                                               std::size_t(elementsOf<const int32_t>(targets)[i]), dLogits.dtype,
                                               dLogits ? elementAt(dLogits, i * columns) : nullptr, scale);
    });
}

} // namespace lorikeet
#endif
