// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cpu/simd_targets.h"
#include "core/cpu/tiles.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/cpu/dropout.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/cpu/dropout_stream.h"
#include "core/cpu/philox_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lorikeet::HWY_NAMESPACE {

/// Factors of 4 * lanes() elements from `block` on: 0 where dropped, else `kept`.
HWY_INLINE void maskBlocks(const DropoutStream& stream, uint32_t block, float* mask) {
    uniformBlocks(
        stream.random, block,
        [&](Vec uniform)
            LORIKEET_INLINE { return hn::IfThenElseZero(hn::Ge(uniform, set(stream.p)), set(stream.kept)); },
        mask);
}

/// y = or += x * mask for elements [begin, begin + n) of a sequence; begin is a multiple of kTileElements.
void dropTile(const DropoutStream& stream, int64_t begin, const std::byte* x, DType xType, std::byte* y, DType yType,
              Output output, std::size_t n) {
    HWY_ALIGN float mask[4 * hn::MaxLanes(Floats())];
    withReal(xType, [&](auto from) {
        withReal(yType, [&](auto to) {
            const auto* source = reinterpret_cast<const decltype(from)*>(x);
            auto* target = reinterpret_cast<decltype(to)*>(y);
            for (std::size_t first = 0; first < n; first += 4 * lanes()) {
                maskBlocks(stream, uint32_t((begin + int64_t(first)) / 4), mask);
                forEachVector(HWY_MIN(n - first, 4 * lanes()), [&](std::size_t i, std::size_t count) LORIKEET_INLINE {
                    // A dropped element is zero even where it is not finite.
                    const Vec factor = loadVector(mask + i);
                    const Vec kept = hn::Mul(load(source + first + i, count), factor);
                    put(hn::IfThenElseZero(hn::Ne(factor, set(0)), kept), target + first + i, count, output);
                });
            }
        });
    });
}

} // namespace lorikeet::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lorikeet {

void CpuBackend::doDropout(ExecutionContext&, const Tensor& x, float p, const RandomStream& random, const Tensor& y,
                           Output output) {
    const auto tile = LORIKEET_KERNEL(m_kernels, dropTile);
    forEachTile(m_pool, y.elements(), kTileElements, [&](int64_t begin, int64_t end) {
        const DropoutStream stream{p, 1.0f / (1.0f - p), randomBlocks(random, begin / 4)};
        tile(stream, begin, elementAt(x, begin), x.dtype, elementAt(y, begin), y.dtype, output,
             std::size_t(end - begin));
    });
}

} // namespace lorikeet
#endif
