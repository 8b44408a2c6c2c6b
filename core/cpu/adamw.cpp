// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "core/cpu/simd_targets.h"
#include "core/cpu/tiles.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/cpu/adamw.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/cpu/adamw_factors.h"
#include "core/cpu/simd_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lorikeet::HWY_NAMESPACE {

void adamWTile(const AdamWFactors& factors, const float* gradient, float* parameter, float* m, float* v,
               std::size_t n) {
    forEachVector(n, [&](std::size_t i, std::size_t count) LORIKEET_INLINE {
        const Vec g = hn::Mul(set(factors.gradient), load(gradient + i, count));
        const Vec m1 = hn::MulAdd(set(factors.beta1), load(m + i, count), hn::Mul(set(factors.newShare1), g));
        const Vec v1 =
            hn::MulAdd(set(factors.beta2), load(v + i, count), hn::Mul(set(factors.newShare2), hn::Mul(g, g)));
        const Vec update = hn::Div(m1, hn::Add(hn::Sqrt(v1), set(factors.epsilon)));
        const Vec kept = hn::Mul(set(factors.keep), load(parameter + i, count));
        store(m1, m + i, count);
        store(v1, v + i, count);
        store(hn::NegMulAdd(set(factors.step), update, kept), parameter + i, count);
    });
}

} // namespace lorikeet::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lorikeet {

void CpuBackend::doAdamW(ExecutionContext&, const Tensor& gradient, const Tensor& factor, const AdamWStep& step,
                         const Tensor& parameter, const Tensor& m, const Tensor& v) {
    const float gradientFactor = *elementsOf<const float>(factor);
    if (!std::isfinite(gradientFactor))
        return;
    const AdamWFactors factors = adamWFactors(step, gradientFactor);
    const auto tile = LORIKEET_KERNEL(m_kernels, adamWTile);
    forEachTile(m_pool, parameter.elements(), kTileElements, [&](int64_t begin, int64_t end) {
        tile(factors, elementsOf<const float>(gradient) + begin, elementsOf<float>(parameter) + begin,
             elementsOf<float>(m) + begin, elementsOf<float>(v) + begin, std::size_t(end - begin));
    });
}

} // namespace lorikeet
#endif
