// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cpu/simd_targets.h"
#include "core/cpu/tiles.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/cpu/columns.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/cpu/column_sums_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lorikeet::HWY_NAMESPACE {

/// x begins at the strip's first column; its rows are `stride` elements apart.
void sumRowsStrip(DType type, const std::byte* x, std::size_t stride, std::size_t rows, std::size_t columns,
                  float alpha, float* sums, Output output) {
    withReal(type, [&](auto element) {
        const auto* data = reinterpret_cast<const decltype(element)*>(x);
        sumStrip(rows, columns, alpha, sums, output,
                 [&](std::size_t row, std::size_t c, std::size_t count)
                     LORIKEET_INLINE { return load(data + row * stride + c, count); });
    });
}

void columnDotsStrip(DType type, const std::byte* a, const std::byte* b, std::size_t stride, std::size_t rows,
                     std::size_t columns, float alpha, float* dots, Output output) {
    withReal(type, [&](auto element) {
        using T = decltype(element);
        const T *left = reinterpret_cast<const T*>(a), *right = reinterpret_cast<const T*>(b);
        sumStrip(rows, columns, alpha, dots, output,
                 [&](std::size_t row, std::size_t c, std::size_t count) LORIKEET_INLINE {
                     return hn::Mul(load(left + row * stride + c, count), load(right + row * stride + c, count));
                 });
    });
}

void scaleColumnsTile(DType xType, const std::byte* x, const float* factors, DType yType, std::byte* y, Output output,
                      std::size_t rows, std::size_t columns) {
    withReal(xType, [&](auto from) {
        withReal(yType, [&](auto to) {
            for (std::size_t row = 0; row < rows; ++row) {
                const auto* source = reinterpret_cast<const decltype(from)*>(x) + row * columns;
                auto* target = reinterpret_cast<decltype(to)*>(y) + row * columns;
                forEachVector(columns, [&](std::size_t i, std::size_t count) LORIKEET_INLINE {
                    put(hn::Mul(load(factors + i, count), load(source + i, count)), target + i, count, output);
                });
            }
        });
    });
}

} // namespace lorikeet::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lorikeet {

void CpuBackend::doSumRows(ExecutionContext&, const Tensor& x, const Tensor& sums, float alpha, Output output) {
    const auto strip = LORIKEET_KERNEL(m_kernels, sumRowsStrip);
    const int64_t columns = x.shape[1];
    forEachColumnStrip(m_pool, columns, [&](int64_t begin, int64_t end) {
        strip(x.dtype, elementAt(x, begin), std::size_t(columns), std::size_t(x.shape[0]), std::size_t(end - begin),
              alpha, elementsOf<float>(sums) + begin, output);
    });
}

void CpuBackend::doColumnDots(ExecutionContext&, const Tensor& a, const Tensor& b, const Tensor& dots, float alpha,
                              Output output) {
    const auto strip = LORIKEET_KERNEL(m_kernels, columnDotsStrip);
    const int64_t columns = a.shape[1];
    forEachColumnStrip(m_pool, columns, [&](int64_t begin, int64_t end) {
        strip(a.dtype, elementAt(a, begin), elementAt(b, begin), std::size_t(columns), std::size_t(a.shape[0]),
              std::size_t(end - begin), alpha, elementsOf<float>(dots) + begin, output);
    });
}

void CpuBackend::doScaleColumns(ExecutionContext&, const Tensor& x, const Tensor& factors, const Tensor& y,
                                Output output) {
    const auto tile = LORIKEET_KERNEL(m_kernels, scaleColumnsTile);
    const int64_t columns = x.shape[1];
    forEachRowTile(m_pool, x.shape[0], columns, [&](int64_t begin, int64_t end) {
        tile(x.dtype, elementAt(x, begin * columns), elementsOf<const float>(factors), y.dtype,
             elementAt(y, begin * columns), output, std::size_t(end - begin), std::size_t(columns));
    });
}

} // namespace lorikeet
#endif
