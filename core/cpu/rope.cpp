// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cpu/simd_targets.h"
#include "core/cpu/tiles.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/cpu/rope.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/cpu/simd_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lorikeet::HWY_NAMESPACE {

/// Turns the first 2 * pairs values of each head of one token by the angles of its position.
void ropeToken(DType type, std::byte* token, std::size_t heads, std::size_t headDim, const float* cosines,
               const float* sines, std::size_t pairs, bool inverse) {
    const Vec sign = set(inverse ? -1.0f : 1.0f);
    withReal(type, [&](auto element) {
        using T = decltype(element);
        for (std::size_t head = 0; head < heads; ++head) {
            T* first = reinterpret_cast<T*>(token) + head * headDim;
            T* second = first + pairs;
            forEachVector(pairs, [&](std::size_t i, std::size_t count) LORIKEET_INLINE {
                const Vec cosine = load(cosines + i, count);
                const Vec sine = hn::Mul(sign, load(sines + i, count));
                const Vec a = load(first + i, count), b = load(second + i, count);
                store(hn::NegMulAdd(b, sine, hn::Mul(a, cosine)), first + i, count);
                store(hn::MulAdd(a, sine, hn::Mul(b, cosine)), second + i, count);
            });
        }
    });
}

} // namespace lorikeet::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lorikeet {

void CpuBackend::doRope(ExecutionContext&, const Tensor& x, int headDim, const Tensor& cosines, const Tensor& sines,
                        const Tensor& positions, bool inverse) {
    const auto turn = LORIKEET_KERNEL(m_kernels, ropeToken);
    const int64_t columns = x.shape[1], pairs = cosines.shape[1];
    const int32_t* position = elementsOf<const int32_t>(positions);
    forEachRowTile(m_pool, x.shape[0], columns, [&](int64_t begin, int64_t end) {
        for (int64_t token = begin; token < end; ++token)
            turn(x.dtype, elementAt(x, token * columns), std::size_t(columns / headDim), std::size_t(headDim),
                 elementsOf<const float>(cosines) + position[token] * pairs,
                 elementsOf<const float>(sines) + position[token] * pairs, std::size_t(pairs), inverse);
    });
}

} // namespace lorikeet
#endif
