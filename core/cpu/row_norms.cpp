// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "core/cpu/matrix_view.h"
#include "core/cpu/simd_targets.h"
#include "core/cpu/tiles.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/cpu/row_norms.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/cpu/read_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lorikeet::HWY_NAMESPACE {

constexpr int64_t kStrip = 1024;

/// values[r, :] += alpha * b[r, :] a for `Rows` rows and a strip of columns; a begins at the strip's first one.
template <int Rows>
HWY_INLINE void addLowRank(const float* a, int64_t aStride, const float* b, int64_t rank, float alpha, float* values,
                           int64_t columns) {
    forEachVector(std::size_t(columns), [&](std::size_t i, std::size_t count) LORIKEET_INLINE {
        Vec sums[Rows];
#pragma GCC unroll 4
        for (int r = 0; r < Rows; ++r)
            sums[r] = set(0.0f);
        for (int64_t j = 0; j < rank; ++j) {
            const Vec right = load(a + j * aStride + int64_t(i), count);
#pragma GCC unroll 4
            for (int r = 0; r < Rows; ++r)
                sums[r] = hn::MulAdd(set(b[r * rank + j]), right, sums[r]);
        }
#pragma GCC unroll 4
        for (int r = 0; r < Rows; ++r) {
            float* row = values + r * kStrip + i;
            store(hn::MulAdd(set(alpha), sums[r], load(row, count)), row, count);
        }
    });
}

/// The lengths of rows [row, row + rows), rows <= 4, of m + alpha * b a; b begins at the first of them.
void normsOfRows(const MatrixView& m, int64_t row, int64_t rows, const float* a, const float* b, int64_t rank,
                 float alpha, float* norms) {
    HWY_ALIGN float values[4 * kStrip];
    double squares[4] = {};
    for (int64_t column = 0; column < m.columns; column += kStrip) {
        const int64_t columns = std::min(kStrip, m.columns - column);
        readRows(m, row, rows, column, columns, values, kStrip);
        if (rank > 0 && rows == 4)
            addLowRank<4>(a + column, m.columns, b, rank, alpha, values, columns);
        else if (rank > 0)
            for (int64_t r = 0; r < rows; ++r)
                addLowRank<1>(a + column, m.columns, b + r * rank, rank, alpha, values + r * kStrip, columns);
        for (int64_t r = 0; r < rows; ++r)
            squares[r] +=
                double(sumVectors(std::size_t(columns), [&](std::size_t i, std::size_t count) LORIKEET_INLINE {
                    const Vec value = load(values + r * kStrip + i, count);
                    return hn::Mul(value, value);
                }));
    }
    for (int64_t r = 0; r < rows; ++r)
        norms[r] = std::sqrt(float(squares[r]));
}

} // namespace lorikeet::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lorikeet {

void CpuBackend::doRowNorms(ExecutionContext&, const Weight& weight, const Tensor& a, const Tensor& b, float alpha,
                            const Tensor& norms) {
    const auto rowsOf = LORIKEET_KERNEL(m_kernels, normsOfRows);
    const MatrixView matrix = viewOf(weight, ReadAs::Float32);
    const int64_t rank = a ? a.shape[0] : 0;
    constexpr int64_t kRows = 4;
    forEachTile(m_pool, matrix.rows, kRows, [&](int64_t begin, int64_t end) {
        rowsOf(matrix, begin, end - begin, elementsOf<const float>(a),
               rank > 0 ? elementsOf<const float>(b) + begin * rank : nullptr, rank, alpha,
               elementsOf<float>(norms) + begin);
    });
}

} // namespace lorikeet
#endif
