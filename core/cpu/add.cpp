// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cpu/simd_targets.h"
#include "core/cpu/tiles.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/cpu/add.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/cpu/simd_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lorikeet::HWY_NAMESPACE {

void addTile(DType type, const std::byte* a, const std::byte* b, std::byte* y, std::size_t n) {
    withReal(type, [&](auto element) {
        using T = decltype(element);
        const T *left = reinterpret_cast<const T*>(a), *right = reinterpret_cast<const T*>(b);
        T* sum = reinterpret_cast<T*>(y);
        forEachVector(n, [&](std::size_t i, std::size_t count) LORIKEET_INLINE {
            store(hn::Add(load(left + i, count), load(right + i, count)), sum + i, count);
        });
    });
}

/// `rows` rows of y [rows, columns] += bias.
void addBiasTile(DType biasType, const std::byte* bias, DType type, std::byte* y, std::size_t rows,
                 std::size_t columns) {
    withReal(type, [&](auto element) {
        withReal(biasType, [&](auto biasElement) {
            const auto* addend = reinterpret_cast<const decltype(biasElement)*>(bias);
            for (std::size_t row = 0; row < rows; ++row) {
                auto* sum = reinterpret_cast<decltype(element)*>(y) + row * columns;
                forEachVector(columns, [&](std::size_t i, std::size_t count) LORIKEET_INLINE {
                    store(hn::Add(load(sum + i, count), load(addend + i, count)), sum + i, count);
                });
            }
        });
    });
}

} // namespace lorikeet::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lorikeet {

void CpuBackend::doAdd(ExecutionContext&, const Tensor& a, const Tensor& b, const Tensor& y) {
    const auto tile = LORIKEET_KERNEL(m_kernels, addTile);
    forEachTile(m_pool, y.elements(), kTileElements, [&](int64_t begin, int64_t end) {
        tile(y.dtype, elementAt(a, begin), elementAt(b, begin), elementAt(y, begin), std::size_t(end - begin));
    });
}

void CpuBackend::doAddBias(ExecutionContext&, const Tensor& bias, const Tensor& y) {
    const auto tile = LORIKEET_KERNEL(m_kernels, addBiasTile);
    const int64_t columns = y.shape[1];
    forEachRowTile(m_pool, y.shape[0], columns, [&](int64_t begin, int64_t end) {
        tile(bias.dtype, bias.data, y.dtype, elementAt(y, begin * columns), std::size_t(end - begin),
             std::size_t(columns));
    });
}

} // namespace lorikeet
#endif
