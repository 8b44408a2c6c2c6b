// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <limits>
#include <vector>

#include "core/cpu/simd_targets.h"
#include "core/cpu/tiles.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/cpu/reductions.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/cpu/simd_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lorikeet::HWY_NAMESPACE {

float sumTile(const float* x, std::size_t n) {
    return sumVectors(n, [&](std::size_t i, std::size_t count) LORIKEET_INLINE { return load(x + i, count); });
}

float squaresTile(const float* x, std::size_t n) {
    return sumVectors(n, [&](std::size_t i, std::size_t count) LORIKEET_INLINE {
        const Vec value = load(x + i, count);
        return hn::Mul(value, value);
    });
}

} // namespace lorikeet::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lorikeet {

namespace {

using TileSum = float (*)(const float*, std::size_t);

/// The sums of the tiles, added in their order.
float sumTiles(ThreadPool& pool, const Tensor& x, TileSum tileSum) {
    const float* data = elementsOf<const float>(x);
    std::vector<float> partial(std::size_t((x.elements() + kTileElements - 1) / kTileElements));
    forEachTile(pool, x.elements(), kTileElements, [&](int64_t begin, int64_t end) {
        partial[std::size_t(begin / kTileElements)] = tileSum(data + begin, std::size_t(end - begin));
    });
    double total = 0.0;
    for (const float value : partial)
        total += double(value);
    return float(total);
}

void putResult(const Tensor& result, float value, Output output) {
    float* target = elementsOf<float>(result);
    *target = output == Output::Add ? *target + value : value;
}

} // namespace

void CpuBackend::doSum(ExecutionContext&, const Tensor& x, const Tensor& result, float alpha, Output output) {
    putResult(result, alpha * sumTiles(m_pool, x, LORIKEET_KERNEL(m_kernels, sumTile)), output);
}

void CpuBackend::doSumOfSquares(ExecutionContext&, const Tensor& x, const Tensor& result, Output output) {
    putResult(result, sumTiles(m_pool, x, LORIKEET_KERNEL(m_kernels, squaresTile)), output);
}

void CpuBackend::doClipFactor(ExecutionContext&, const Tensor& squares, float maxNorm, const Tensor& norm,
                              const Tensor& factor) {
    const float length = std::sqrt(*elementsOf<const float>(squares));
    *elementsOf<float>(norm) = length;
    float clip = 1.0f;
    if (!std::isfinite(length))
        clip = std::numeric_limits<float>::quiet_NaN();
    else if (maxNorm > 0.0f)
        clip = std::min(1.0f, maxNorm / (length + 1e-6f));
    *elementsOf<float>(factor) = clip;
}

} // namespace lorikeet
#endif
