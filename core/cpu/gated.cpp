// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cpu/simd_targets.h"
#include "core/cpu/tiles.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/cpu/gated.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/cpu/simd_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lorikeet::HWY_NAMESPACE {

// Both activations are g * sigmoid(z(g)): SiLU with z = g; GELU's tanh form with z = 2 sqrt(2/pi) (g + 0.044715 g^3),
// since (1 + tanh(u)) / 2 = sigmoid(2u) (Hendrycks, Gimpel 2016).
constexpr float kGeluScale = 1.5957691216057308f;
constexpr float kGeluCubic = 0.044715f;

template <Activation kActivation>
HWY_INLINE Vec inner(Vec g) {
    if constexpr (kActivation == Activation::Silu)
        return g;
    const Vec cubic = hn::MulAdd(hn::Mul(set(kGeluCubic), hn::Mul(g, g)), g, g);
    return hn::Mul(set(kGeluScale), cubic);
}

/// The derivative of g * sigmoid(inner(g)), with s = sigmoid(inner(g)).
template <Activation kActivation>
HWY_INLINE Vec slope(Vec g, Vec s) {
    const Vec bell = hn::Mul(hn::Mul(g, s), hn::Sub(set(1.0f), s));
    if constexpr (kActivation == Activation::Silu)
        return hn::Add(s, bell);
    const Vec innerSlope = hn::Mul(set(kGeluScale), hn::MulAdd(set(3.0f * kGeluCubic), hn::Mul(g, g), set(1.0f)));
    return hn::MulAdd(bell, innerSlope, s);
}

template <Activation kActivation, typename T>
void gatedForward(const T* gate, const T* up, T* y, std::size_t n) {
    forEachVector(n, [&](std::size_t i, std::size_t count) LORIKEET_INLINE {
        const Vec g = load(gate + i, count);
        const Vec activated = hn::Mul(g, sigmoid(inner<kActivation>(g)));
        store(hn::Mul(activated, load(up + i, count)), y + i, count);
    });
}

template <Activation kActivation, typename T>
void gatedGradients(const T* dY, const T* gate, const T* up, T* dGate, T* dUp, std::size_t n) {
    forEachVector(n, [&](std::size_t i, std::size_t count) LORIKEET_INLINE {
        const Vec g = load(gate + i, count), u = load(up + i, count), d = load(dY + i, count);
        const Vec s = sigmoid(inner<kActivation>(g));
        store(hn::Mul(hn::Mul(d, u), slope<kActivation>(g, s)), dGate + i, count);
        store(hn::Mul(d, hn::Mul(g, s)), dUp + i, count);
    });
}

template <typename T>
T* as(std::byte* p) {
    return reinterpret_cast<T*>(p);
}

void gatedTile(Activation activation, DType type, std::byte* gate, std::byte* up, std::byte* y, std::size_t n) {
    withReal(type, [&](auto element) {
        using T = decltype(element);
        if (activation == Activation::Silu)
            gatedForward<Activation::Silu>(as<T>(gate), as<T>(up), as<T>(y), n);
        else
            gatedForward<Activation::GeluTanh>(as<T>(gate), as<T>(up), as<T>(y), n);
    });
}

void gatedBackwardTile(Activation activation, DType type, std::byte* dY, std::byte* gate, std::byte* up,
                       std::byte* dGate, std::byte* dUp, std::size_t n) {
    withReal(type, [&](auto element) {
        using T = decltype(element);
        if (activation == Activation::Silu)
            gatedGradients<Activation::Silu>(as<T>(dY), as<T>(gate), as<T>(up), as<T>(dGate), as<T>(dUp), n);
        else
            gatedGradients<Activation::GeluTanh>(as<T>(dY), as<T>(gate), as<T>(up), as<T>(dGate), as<T>(dUp), n);
    });
}

} // namespace lorikeet::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lorikeet {

void CpuBackend::doGated(ExecutionContext&, Activation activation, const Tensor& gate, const Tensor& up,
                         const Tensor& y) {
    const auto tile = LORIKEET_KERNEL(m_kernels, gatedTile);
    forEachTile(m_pool, y.elements(), kTileElements, [&](int64_t begin, int64_t end) {
        tile(activation, y.dtype, elementAt(gate, begin), elementAt(up, begin), elementAt(y, begin),
             std::size_t(end - begin));
    });
}

void CpuBackend::doGatedBackward(ExecutionContext&, Activation activation, const Tensor& dY, const Tensor& gate,
                                 const Tensor& up, const Tensor& dGate, const Tensor& dUp) {
    const auto tile = LORIKEET_KERNEL(m_kernels, gatedBackwardTile);
    forEachTile(m_pool, dY.elements(), kTileElements, [&](int64_t begin, int64_t end) {
        tile(activation, dY.dtype, elementAt(dY, begin), elementAt(gate, begin), elementAt(up, begin),
             elementAt(dGate, begin), elementAt(dUp, begin), std::size_t(end - begin));
    });
}

} // namespace lorikeet
#endif
