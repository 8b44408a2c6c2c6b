// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cpu/simd_targets.h"
#include "core/cpu/tiles.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/cpu/cast.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/cpu/simd_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lorikeet::HWY_NAMESPACE {

template <typename Body>
void withFloating(DType type, Body&& body) {
    if (type == DType::F16)
        body(Float16());
    else
        withReal(type, body);
}

void castTile(const std::byte* x, DType xType, std::byte* y, DType yType, std::size_t n) {
    withFloating(xType, [&](auto from) {
        withFloating(yType, [&](auto to) {
            const auto* source = reinterpret_cast<const decltype(from)*>(x);
            auto* target = reinterpret_cast<decltype(to)*>(y);
            forEachVector(n, [&](std::size_t i, std::size_t count)
                                 LORIKEET_INLINE { store(load(source + i, count), target + i, count); });
        });
    });
}

} // namespace lorikeet::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lorikeet {

void CpuBackend::doCast(ExecutionContext& context, const Tensor& x, const Tensor& y) {
    if (x.dtype == y.dtype) {
        CpuBackend::doCopy(context, x, y); // part of this operation, not another one
        return;
    }
    const auto tile = LORIKEET_KERNEL(m_kernels, castTile);
    forEachTile(m_pool, x.elements(), kTileElements, [&](int64_t begin, int64_t end) {
        tile(elementAt(x, begin), x.dtype, elementAt(y, begin), y.dtype, std::size_t(end - begin));
    });
}

} // namespace lorikeet
#endif
