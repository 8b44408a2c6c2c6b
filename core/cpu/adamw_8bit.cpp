// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include "core/cpu/simd_targets.h"
#include "core/cpu/tiles.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/cpu/adamw_8bit.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/cpu/adamw_factors.h"
#include "core/cpu/moment_map.h"
#include "core/cpu/simd_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lorikeet::HWY_NAMESPACE {

constexpr std::size_t kBlock = std::size_t(kMomentBlocksize);

/// A vector of moments from its codes.
HWY_INLINE Vec decode(const MomentMap& map, const uint8_t* codes, float absmax) {
    const hn::RebindToSigned<Floats> integers;
    const hn::Rebind<uint8_t, Floats> bytes;
    const auto indices = hn::PromoteTo(integers, hn::LoadU(bytes, codes));
    return hn::Mul(hn::GatherIndex(Floats(), map.values.data(), indices), set(absmax));
}

/// The codes of a whole block, and its absmax.
HWY_INLINE float encode(const MomentMap& map, const float* moments, uint8_t* codes) {
    const hn::RebindToSigned<Floats> integers;
    const hn::Rebind<uint8_t, Floats> bytes;
    Vec most = set(0.0f);
    for (std::size_t i = 0; i < kBlock; i += lanes())
        most = hn::Max(most, hn::Abs(hn::Load(Floats(), moments + i)));
    const float absmax = hn::GetLane(hn::MaxOfLanes(Floats(), most));
    const Vec divisor = set(absmax > 0.0f ? absmax : 1.0f);
    for (std::size_t i = 0; i < kBlock; i += lanes()) {
        const Vec value = hn::Div(hn::Load(Floats(), moments + i), divisor);
        auto code = hn::Zero(integers);
        for (int32_t step = 128; step > 0; step /= 2) {
            const auto higher = hn::Add(code, hn::Set(integers, step));
            const Vec begin = hn::GatherIndex(Floats(), map.begins.data(), higher);
            code = hn::IfThenElse(hn::RebindMask(integers, hn::Ge(value, begin)), higher, code);
        }
        hn::StoreU(hn::DemoteTo(bytes, code), bytes, codes + i);
    }
    return absmax;
}

/// One whole block. No multiplication is fused with an addition: the rule rounds each.
HWY_INLINE void adamWBlock(const AdamWFactors& factors, const MomentMap& signedMap, const MomentMap& unsignedMap,
                           const float* gradient, float* parameter, const MomentBlocks& block) {
    HWY_ALIGN float first[kBlock], second[kBlock];
    for (std::size_t i = 0; i < kBlock; i += lanes()) {
        const Vec g = hn::Mul(set(factors.gradient), loadVector(gradient + i));
        const Vec square = hn::Mul(g, g);
        const auto counts = hn::IsFinite(square);
        const Vec m0 = decode(signedMap, block.m + i, *block.mAbsmax);
        const Vec v0 = decode(unsignedMap, block.v + i, *block.vAbsmax);
        const Vec m1 = hn::Add(hn::Mul(set(factors.beta1), m0), hn::Mul(set(factors.newShare1), g));
        const Vec v1 = hn::Add(hn::Mul(set(factors.beta2), v0), hn::Mul(set(factors.newShare2), square));
        const Vec update = hn::Div(m1, hn::Add(hn::Sqrt(v1), set(factors.epsilon)));
        const Vec p = loadVector(parameter + i);
        const Vec stepped = hn::Sub(hn::Mul(set(factors.keep), p), hn::Mul(set(factors.step), update));
        hn::Store(hn::IfThenElse(counts, m1, m0), Floats(), first + i);
        hn::Store(hn::IfThenElse(counts, v1, v0), Floats(), second + i);
        storeVector(hn::IfThenElse(counts, stepped, p), parameter + i);
    }
    *block.mAbsmax = encode(signedMap, first, block.m);
    *block.vAbsmax = encode(unsignedMap, second, block.v);
}

/// The last block of a tensor: as a whole one that ends in zeros, which change neither absmax.
void adamWTail(const AdamWFactors& factors, const MomentMap& signedMap, const MomentMap& unsignedMap,
               const float* gradient, float* parameter, const MomentBlocks& block, std::size_t n) {
    HWY_ALIGN float gradients[kBlock] = {}, parameters[kBlock] = {};
    uint8_t m[kBlock], v[kBlock];
    std::fill_n(m, kBlock, kZeroFirstMoment);
    std::fill_n(v, kBlock, kZeroSecondMoment);
    std::copy_n(gradient, n, gradients);
    std::copy_n(parameter, n, parameters);
    std::copy_n(block.m, n, m);
    std::copy_n(block.v, n, v);
    adamWBlock(factors, signedMap, unsignedMap, gradients, parameters, {m, block.mAbsmax, v, block.vAbsmax});
    std::copy_n(parameters, n, parameter);
    std::copy_n(m, n, block.m);
    std::copy_n(v, n, block.v);
}

void adamWBlocks(const AdamWFactors& factors, const MomentMap& signedMap, const MomentMap& unsignedMap,
                 const float* gradient, float* parameter, const MomentBlocks& blocks, std::size_t n) {
    for (std::size_t i = 0, b = 0; i < n; i += kBlock, ++b) {
        const MomentBlocks block{blocks.m + i, blocks.mAbsmax + b, blocks.v + i, blocks.vAbsmax + b};
        if (n - i >= kBlock)
            adamWBlock(factors, signedMap, unsignedMap, gradient + i, parameter + i, block);
        else
            adamWTail(factors, signedMap, unsignedMap, gradient + i, parameter + i, block, n - i);
    }
}

} // namespace lorikeet::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lorikeet {

void CpuBackend::doAdamW8Bit(ExecutionContext&, const Tensor& gradient, const Tensor& factor, const AdamWStep& step,
                             const Tensor& parameter, const Moments8Bit& moments) {
    static_assert(kTileElements % kMomentBlocksize == 0);
    const float gradientFactor = *elementsOf<const float>(factor);
    if (!std::isfinite(gradientFactor))
        return;
    const AdamWFactors factors = adamWFactors(step, gradientFactor);
    const auto blocks = LORIKEET_KERNEL(m_kernels, adamWBlocks);
    forEachTile(m_pool, parameter.elements(), kTileElements, [&](int64_t begin, int64_t end) {
        const int64_t block = begin / kMomentBlocksize;
        blocks(factors, momentMap(true), momentMap(false), elementsOf<const float>(gradient) + begin,
               elementsOf<float>(parameter) + begin,
               {elementsOf<uint8_t>(moments.m) + begin, elementsOf<float>(moments.mAbsmax) + block,
                elementsOf<uint8_t>(moments.v) + begin, elementsOf<float>(moments.vAbsmax) + block},
               std::size_t(end - begin));
    });
}

} // namespace lorikeet
#endif
