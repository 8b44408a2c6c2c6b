// SPDX-License-Identifier: GPL-3.0-or-later
// Float vectors over activations of either type, once per target: included again for each, hence no pragma once.
#if defined(LORIKEET_CPU_SIMD_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef LORIKEET_CPU_SIMD_INL_H
#undef LORIKEET_CPU_SIMD_INL_H
#else
#define LORIKEET_CPU_SIMD_INL_H
#endif

#include <hwy/highway.h>

#include "core/backend/operations.h"
#include "core/base/half.h"
#include "core/cpu/real.h"

/// For lambdas within kernels: they take the target's instructions and vanish into their loop.
#define LORIKEET_INLINE HWY_ATTR __attribute__((always_inline))

HWY_BEFORE_NAMESPACE();
namespace lorikeet::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using Vec = hn::Vec<Floats>;

HWY_INLINE std::size_t lanes() {
    return hn::Lanes(Floats());
}

HWY_INLINE std::size_t roundUp(std::size_t count, std::size_t unit) {
    return (count + unit - 1) / unit * unit;
}

HWY_INLINE Vec set(float value) {
    return hn::Set(Floats(), value);
}

HWY_INLINE Vec loadVector(const float* p) {
    return hn::LoadU(Floats(), p);
}

HWY_INLINE Vec loadVector(const Bfloat16* p) {
    const hn::RebindToUnsigned<Floats> words;
    const hn::Rebind<uint16_t, Floats> halves;
    const auto bits = hn::LoadU(halves, reinterpret_cast<const uint16_t*>(p));
    return hn::BitCast(Floats(), hn::ShiftLeft<16>(hn::PromoteTo(words, bits)));
}

HWY_INLINE Vec loadVector(const Float16* p) {
    HWY_ALIGN float values[hn::MaxLanes(Floats())];
    for (std::size_t i = 0; i < lanes(); ++i)
        values[i] = float16ToFloat(p[i].bits);
    return hn::Load(Floats(), values);
}

/// The bits of v as bfloat16 in the upper halves: nearest, ties to even; a NaN stays one.
HWY_INLINE auto roundedBits(Vec v) {
    const hn::RebindToUnsigned<Floats> words;
    const auto bits = hn::BitCast(words, v);
    const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(words, 1));
    const auto rounded = hn::Add(hn::Add(bits, hn::Set(words, 0x7fff)), odd);
    const auto quiet = hn::Or(bits, hn::Set(words, 0x00400000));
    return hn::IfThenElse(hn::RebindMask(words, hn::IsNaN(v)), quiet, rounded);
}

HWY_INLINE void storeVector(Vec v, float* p) {
    hn::StoreU(v, Floats(), p);
}

HWY_INLINE void storeVector(Vec v, Bfloat16* p) {
    const hn::RebindToSigned<Floats> integers;
    const hn::Rebind<uint16_t, Floats> halves;
    const auto bits = hn::BitCast(integers, hn::ShiftRight<16>(roundedBits(v)));
    hn::StoreU(hn::DemoteTo(halves, bits), halves, reinterpret_cast<uint16_t*>(p));
}

HWY_INLINE void storeVector(Vec v, Float16* p) {
    HWY_ALIGN float values[hn::MaxLanes(Floats())];
    hn::Store(v, Floats(), values);
    for (std::size_t i = 0; i < lanes(); ++i)
        p[i].bits = floatToFloat16(values[i]);
}

/// v rounded as storing it as T and loading it again would.
template <typename T>
HWY_INLINE Vec roundTo(Vec v) {
    if constexpr (std::is_same_v<T, Bfloat16>) {
        const hn::RebindToUnsigned<Floats> words;
        return hn::BitCast(Floats(), hn::And(roundedBits(v), hn::Set(words, 0xffff0000u)));
    } else {
        return v;
    }
}

/// The first `count` lanes from memory; the others are zero and no byte beyond is touched.
template <typename T>
HWY_INLINE Vec load(const T* p, std::size_t count) {
    if (count == lanes())
        return loadVector(p);
    HWY_ALIGN T buffer[hn::MaxLanes(Floats())] = {};
    for (std::size_t i = 0; i < count; ++i)
        buffer[i] = p[i];
    return loadVector(buffer);
}

/// The first `count` lanes to memory.
template <typename T>
HWY_INLINE void store(Vec v, T* p, std::size_t count) {
    if (count == lanes()) {
        storeVector(v, p);
        return;
    }
    HWY_ALIGN T buffer[hn::MaxLanes(Floats())];
    storeVector(v, buffer);
    for (std::size_t i = 0; i < count; ++i)
        p[i] = buffer[i];
}

/// The first `count` lanes to memory, in place of what is there or added to it.
template <typename T>
HWY_INLINE void put(Vec v, T* p, std::size_t count, Output output) {
    if (output == Output::Add)
        v = hn::Add(load(p, count), v);
    store(v, p, count);
}

/// v with zeros from lane `count` on.
HWY_INLINE Vec keepFirst(Vec v, std::size_t count) {
    return count == lanes() ? v : hn::IfThenElseZero(hn::FirstN(Floats(), count), v);
}

/// Calls body(first, count) for each vector of [0, n): count is lanes() but for the last one.
template <typename Body>
HWY_INLINE void forEachVector(std::size_t n, Body&& body) {
    const std::size_t step = lanes();
    std::size_t i = 0;
    for (; i + step <= n; i += step)
        body(i, step);
    if (i < n)
        body(i, n - i);
}

/// The sum of body(first, count) over the vectors of [0, n), in four partial sums that hide the adds' latency.
template <typename Body>
HWY_INLINE float sumVectors(std::size_t n, Body&& body) {
    const std::size_t step = lanes();
    Vec s0 = set(0), s1 = set(0), s2 = set(0), s3 = set(0);
    std::size_t i = 0;
    for (; i + 4 * step <= n; i += 4 * step) {
        s0 = hn::Add(s0, body(i, step));
        s1 = hn::Add(s1, body(i + step, step));
        s2 = hn::Add(s2, body(i + 2 * step, step));
        s3 = hn::Add(s3, body(i + 3 * step, step));
    }
    for (; i + step <= n; i += step)
        s0 = hn::Add(s0, body(i, step));
    if (i < n)
        s1 = hn::Add(s1, body(i, n - i));
    return hn::GetLane(hn::SumOfLanes(Floats(), hn::Add(hn::Add(s0, s1), hn::Add(s2, s3))));
}

/// Calls body(T()) with the type that stands for a real dtype.
template <typename Body>
HWY_INLINE void withReal(DType type, Body&& body) {
    if (type == DType::F32)
        body(float());
    else
        body(Bfloat16());
}

/// e^x to about 1 ulp, 0 below -104; a NaN stays one. Cephes' range reduction and polynomial (S. Moshier, expf.c).
HWY_INLINE Vec exponential(Vec x) {
    const hn::RebindToSigned<Floats> integers;
    const Vec clamped = hn::Max(hn::Min(x, set(89.0f)), set(-104.0f));
    const Vec n = hn::Round(hn::Mul(clamped, set(1.44269504088896341f)));
    Vec r = hn::NegMulAdd(n, set(0.693359375f), clamped);
    r = hn::NegMulAdd(n, set(-2.12194440e-4f), r);
    Vec p = set(1.9875691500e-4f);
    p = hn::MulAdd(p, r, set(1.3981999507e-3f));
    p = hn::MulAdd(p, r, set(8.3334519073e-3f));
    p = hn::MulAdd(p, r, set(4.1665795894e-2f));
    p = hn::MulAdd(p, r, set(1.6666665459e-1f));
    p = hn::MulAdd(p, r, set(5.0000001201e-1f));
    p = hn::Add(hn::MulAdd(p, hn::Mul(r, r), r), set(1.0f));
    // 2^n in two factors, since its exponent alone may lie outside of a float's.
    const auto exponent = hn::ConvertTo(integers, n);
    const auto half = hn::ShiftRight<1>(exponent);
    const auto bias = hn::Set(integers, 127);
    const auto power = [&](auto e)
                           LORIKEET_INLINE { return hn::BitCast(Floats(), hn::ShiftLeft<23>(hn::Add(e, bias))); };
    const Vec result = hn::Mul(hn::Mul(p, power(half)), power(hn::Sub(exponent, half)));
    return hn::IfThenElse(hn::IsNaN(x), x, result);
}

/// 1 / (1 + e^-x)
HWY_INLINE Vec sigmoid(Vec x) {
    return hn::Div(set(1.0f), hn::Add(set(1.0f), exponential(hn::Neg(x))));
}

} // namespace lorikeet::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
