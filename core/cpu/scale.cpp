// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cpu/simd_targets.h"
#include "core/cpu/tiles.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/cpu/scale.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/cpu/simd_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lorikeet::HWY_NAMESPACE {

void scaleTile(const std::byte* x, DType xType, float alpha, std::byte* y, DType yType, Output output, std::size_t n) {
    const Vec factor = set(alpha);
    withReal(xType, [&](auto from) {
        withReal(yType, [&](auto to) {
            const auto* source = reinterpret_cast<const decltype(from)*>(x);
            auto* target = reinterpret_cast<decltype(to)*>(y);
            forEachVector(n, [&](std::size_t i, std::size_t count) LORIKEET_INLINE {
                put(hn::Mul(factor, load(source + i, count)), target + i, count, output);
            });
        });
    });
}

} // namespace lorikeet::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lorikeet {

void CpuBackend::doScale(ExecutionContext&, const Tensor& x, float alpha, const Tensor& y, Output output) {
    const auto tile = LORIKEET_KERNEL(m_kernels, scaleTile);
    forEachTile(m_pool, y.elements(), kTileElements, [&](int64_t begin, int64_t end) {
        tile(elementAt(x, begin), x.dtype, alpha, elementAt(y, begin), y.dtype, output, std::size_t(end - begin));
    });
}

} // namespace lorikeet
#endif
