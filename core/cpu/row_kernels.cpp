// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cpu/matrix_kernels.h"
#include "core/cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/cpu/row_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/cpu/read_inl.h"
#include "core/cpu/transpose_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lorikeet::HWY_NAMESPACE {

void readMatrix(const MatrixView& m, int64_t row, int64_t rows, int64_t column, int64_t columns, float* out,
                int64_t stride) {
    readRows(m, row, rows, column, columns, out, stride);
}

void transposeMatrix(const void* rows, int64_t stride, int64_t count, int64_t depth, int width, float* panel) {
    transposeRows(rows, stride, count, depth, width, panel);
}

template <int XRows, int WRows>
HWY_INLINE void addDotsTile(const float* x, int64_t xStride, const float* w, int64_t wStride, int64_t depth,
                            float* sums, int64_t sumStride) {
    Vec products[XRows][WRows];
#pragma GCC unroll 4
    for (int i = 0; i < XRows; ++i)
#pragma GCC unroll 4
        for (int j = 0; j < WRows; ++j)
            products[i][j] = set(0.0f);
    forEachVector(std::size_t(depth), [&](std::size_t d, std::size_t count) LORIKEET_INLINE {
        Vec right[WRows];
#pragma GCC unroll 4
        for (int j = 0; j < WRows; ++j)
            right[j] = load(w + j * wStride + d, count);
#pragma GCC unroll 4
        for (int i = 0; i < XRows; ++i) {
            const Vec left = load(x + i * xStride + d, count);
#pragma GCC unroll 4
            for (int j = 0; j < WRows; ++j)
                products[i][j] = hn::MulAdd(left, right[j], products[i][j]);
        }
    });
#pragma GCC unroll 4
    for (int i = 0; i < XRows; ++i)
#pragma GCC unroll 4
        for (int j = 0; j < WRows; ++j)
            sums[i * sumStride + j] += hn::GetLane(hn::SumOfLanes(Floats(), products[i][j]));
}

template <int XRows>
HWY_INLINE void addDotsRows(const float* x, int64_t xStride, const float* w, int64_t wStride, int64_t wRows,
                            int64_t depth, float* sums, int64_t sumStride) {
    int64_t j = 0;
    for (; j + 4 <= wRows; j += 4)
        addDotsTile<XRows, 4>(x, xStride, w + j * wStride, wStride, depth, sums + j, sumStride);
    for (; j < wRows; ++j)
        addDotsTile<XRows, 1>(x, xStride, w + j * wStride, wStride, depth, sums + j, sumStride);
}

void addDots(const float* x, int64_t xStride, int64_t xRows, const float* w, int64_t wStride, int64_t wRows,
             int64_t depth, float* sums, int64_t sumStride) {
    int64_t i = 0;
    for (; i + 4 <= xRows; i += 4)
        addDotsRows<4>(x + i * xStride, xStride, w, wStride, wRows, depth, sums + i * sumStride, sumStride);
    if (i + 2 <= xRows) {
        addDotsRows<2>(x + i * xStride, xStride, w, wStride, wRows, depth, sums + i * sumStride, sumStride);
        i += 2;
    }
    if (i < xRows)
        addDotsRows<1>(x + i * xStride, xStride, w, wStride, wRows, depth, sums + i * sumStride, sumStride);
}

template <typename T>
HWY_INLINE void writeRow(const float* sums, std::size_t columns, float alpha, Output output, T* y) {
    const Vec factor = set(alpha);
    forEachVector(columns, [&](std::size_t i, std::size_t count)
                               LORIKEET_INLINE { put(hn::Mul(factor, load(sums + i, count)), y + i, count, output); });
}

void writeProduct(const float* sums, int64_t sumStride, int64_t rows, int64_t columns, const ProductOutput& y,
                  int64_t row, int64_t column) {
    withReal(y.dtype, [&](auto element) LORIKEET_INLINE {
        auto* data = reinterpret_cast<decltype(element)*>(y.data);
        for (int64_t r = 0; r < rows; ++r) {
            const float* from = sums + r * sumStride;
            if (!y.transposed) {
                writeRow(from, std::size_t(columns), y.alpha, y.output, data + (row + r) * y.stride + column);
                continue;
            }
            for (int64_t c = 0; c < columns; ++c)
                writeRow(from + c, 1, y.alpha, y.output, data + (column + c) * y.stride + row + r);
        }
    });
}

} // namespace lorikeet::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lorikeet {

HWY_EXPORT(readMatrix);
HWY_EXPORT(transposeMatrix);
HWY_EXPORT(addDots);
HWY_EXPORT(writeProduct);

RowKernels rowKernels(KernelSet set) {
    return {.read = LORIKEET_KERNEL(set, readMatrix),
            .transpose = LORIKEET_KERNEL(set, transposeMatrix),
            .addDots = LORIKEET_KERNEL(set, addDots),
            .writeProduct = LORIKEET_KERNEL(set, writeProduct)};
}

} // namespace lorikeet
#endif
