// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <vector>

#include "core/cpu/simd_targets.h"
#include "core/cpu/tiles.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/cpu/noise.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/cpu/philox_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lorikeet::HWY_NAMESPACE {

/// y += amplitude * u for elements [begin, begin + n) of [T, columns]; begin is a multiple of kTileElements, and
/// amplitudes are by row.
void noiseTile(const RandomBlocks& random, int64_t begin, const float* amplitudes, int64_t columns, std::byte* y,
               DType type, std::size_t n) {
    // A multiple of 4 * lanes() of any target.
    constexpr std::size_t kChunk = 1024;
    HWY_ALIGN float noise[kChunk];
    const auto centred = [](Vec uniform) LORIKEET_INLINE { return hn::Sub(hn::Add(uniform, uniform), set(1.0f)); };
    withReal(type, [&](auto element) {
        auto* target = reinterpret_cast<decltype(element)*>(y);
        for (std::size_t first = 0; first < n; first += kChunk) {
            const std::size_t size = HWY_MIN(n - first, kChunk);
            for (std::size_t i = 0; i < size; i += 4 * lanes())
                uniformBlocks(random, uint32_t((begin + int64_t(first + i)) / 4), centred, noise + i);
            for (std::size_t done = 0; done < size;) {
                const int64_t at = begin + int64_t(first + done), row = at / columns;
                const std::size_t count = HWY_MIN(size - done, std::size_t((row + 1) * columns - at));
                const Vec amplitude = set(amplitudes[row]);
                forEachVector(count, [&](std::size_t i, std::size_t lanesUsed) LORIKEET_INLINE {
                    auto* place = target + first + done + i;
                    const Vec value = hn::Mul(amplitude, load(noise + done + i, lanesUsed));
                    store(hn::Add(load(place, lanesUsed), value), place, lanesUsed);
                });
                done += count;
            }
        }
    });
}

} // namespace lorikeet::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lorikeet {

void CpuBackend::doAddNoise(ExecutionContext&, const Tensor& offsets, float alpha, const RandomStream& random,
                            const Tensor& y) {
    const auto tile = LORIKEET_KERNEL(m_kernels, noiseTile);
    const int64_t columns = y.shape[1];
    const int32_t* bounds = elementsOf<const int32_t>(offsets);
    std::vector<float> amplitudes(std::size_t(y.shape[0]), 0.0f);
    for (int64_t s = 0; s + 1 < offsets.shape[0]; ++s) {
        const double elements = double(bounds[s + 1] - bounds[s]) * double(columns);
        std::fill(amplitudes.begin() + bounds[s], amplitudes.begin() + bounds[s + 1],
                  float(double(alpha) / std::sqrt(elements)));
    }
    forEachTile(m_pool, y.elements(), kTileElements, [&](int64_t begin, int64_t end) {
        tile(randomBlocks(random, begin / 4), begin, amplitudes.data(), columns, elementAt(y, begin), y.dtype,
             std::size_t(end - begin));
    });
}

} // namespace lorikeet
#endif
