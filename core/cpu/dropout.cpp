// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cpu/simd_targets.h"
#include "core/cpu/tiles.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/cpu/dropout.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/cpu/simd_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lorikeet::HWY_NAMESPACE {

/// y = or += x * mask.
void maskTile(const std::byte* x, DType xType, const float* mask, std::byte* y, DType yType, Output output,
              std::size_t n) {
    withReal(xType, [&](auto from) {
        withReal(yType, [&](auto to) {
            const auto* source = reinterpret_cast<const decltype(from)*>(x);
            auto* target = reinterpret_cast<decltype(to)*>(y);
            forEachVector(n, [&](std::size_t i, std::size_t count) LORIKEET_INLINE {
                // A dropped element is zero even where it is not finite.
                const Vec factor = load(mask + i, count);
                Vec value = hn::IfThenElseZero(hn::Ne(factor, set(0)), hn::Mul(load(source + i, count), factor));
                if (output == Output::Add)
                    value = hn::Add(load(target + i, count), value);
                store(value, target + i, count);
            });
        });
    });
}

} // namespace lorikeet::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lorikeet {

namespace {

constexpr int64_t kMaskElements = 1024;

/// Factors of the elements [begin, end): 0 where dropped, else 1 / (1 - p). `begin` is a multiple of 4.
void makeMask(const RandomStream& random, float p, int64_t begin, int64_t end, float* mask) {
    const float kept = 1.0f / (1.0f - p);
    for (int64_t i = begin; i < end; i += 4) {
        const std::array<uint32_t, 4> words = random.words(uint64_t(i / 4));
        for (int64_t j = 0; j < std::min<int64_t>(4, end - i); ++j)
            mask[i - begin + j] = float(words[std::size_t(j)] >> 8) * 0x1p-24f < p ? 0.0f : kept;
    }
}

} // namespace

void CpuBackend::doDropout(ExecutionContext&, const Tensor& x, float p, const RandomStream& random, const Tensor& y,
                           Output output) {
    const auto tile = LORIKEET_KERNEL(m_kernels, maskTile);
    forEachTile(m_pool, y.elements(), kTileElements, [&](int64_t tileBegin, int64_t tileEnd) {
        float mask[kMaskElements];
        for (int64_t begin = tileBegin; begin < tileEnd; begin += kMaskElements) {
            const int64_t end = std::min(tileEnd, begin + kMaskElements);
            makeMask(random, p, begin, end, mask);
            tile(elementAt(x, begin), x.dtype, mask, elementAt(y, begin), y.dtype, output, std::size_t(end - begin));
        }
    });
}

} // namespace lorikeet
#endif
