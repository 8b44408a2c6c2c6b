// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cpu/simd_targets.h"
#include "core/cpu/tiles.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/cpu/divide.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/cpu/simd_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lorikeet::HWY_NAMESPACE {

void divideTile(const float* a, const float* b, float* y, Output output, std::size_t n) {
    forEachVector(n, [&](std::size_t i, std::size_t count) LORIKEET_INLINE {
        put(hn::Div(load(a + i, count), load(b + i, count)), y + i, count, output);
    });
}

} // namespace lorikeet::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lorikeet {

void CpuBackend::doDivide(ExecutionContext&, const Tensor& a, const Tensor& b, const Tensor& y, Output output) {
    const auto tile = LORIKEET_KERNEL(m_kernels, divideTile);
    forEachTile(m_pool, y.elements(), kTileElements, [&](int64_t begin, int64_t end) {
        tile(elementsOf<const float>(a) + begin, elementsOf<const float>(b) + begin, elementsOf<float>(y) + begin,
             output, std::size_t(end - begin));
    });
}

} // namespace lorikeet
#endif
