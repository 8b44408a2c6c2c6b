// SPDX-License-Identifier: GPL-3.0-or-later
// The small matrix products and copies that attention's forward and backward are made of, once per target.
#if defined(LORIKEET_CPU_ATTENTION_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef LORIKEET_CPU_ATTENTION_INL_H
#undef LORIKEET_CPU_ATTENTION_INL_H
#else
#define LORIKEET_CPU_ATTENTION_INL_H
#endif

#include "core/cpu/attention_views.h"
#include "core/cpu/simd_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lorikeet::HWY_NAMESPACE {

/// Vectors of columns that the micro-kernel keeps in registers: 6 x 4 of AVX-512's 32, 6 x 2 of AVX2's 16.
constexpr std::size_t kColumnVectors = HWY_TARGET == HWY_AVX3 ? 4 : 2;

/// A matrix in memory: element (i, j) stands at data[i * row + j * column].
struct Strided {
    const float* data;
    std::size_t row;
    std::size_t column;
};

/// c = or += a b for kAttentionRows rows and kVectors vectors of columns.
template <std::size_t kVectors>
HWY_INLINE void multiplyTile(const Strided& a, const float* b, std::size_t bRow, float* c, std::size_t cRow,
                             std::size_t inner, bool add) {
    constexpr std::size_t kRows = std::size_t(kAttentionRows);
    const std::size_t step = lanes();
    // Unrolled by pragma: else the compiler would keep the sums in memory.
    Vec sums[kRows][kVectors];
#pragma GCC unroll 8
    for (std::size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 8
        for (std::size_t v = 0; v < kVectors; ++v)
            sums[r][v] = add ? loadVector(c + r * cRow + v * step) : set(0);
    const float* element = a.data;
    for (std::size_t k = 0; k < inner; ++k, element += a.column, b += bRow) {
        Vec columns[kVectors];
#pragma GCC unroll 8
        for (std::size_t v = 0; v < kVectors; ++v)
            columns[v] = loadVector(b + v * step);
#pragma GCC unroll 8
        for (std::size_t r = 0; r < kRows; ++r) {
            const Vec factor = set(element[r * a.row]);
#pragma GCC unroll 8
            for (std::size_t v = 0; v < kVectors; ++v)
                sums[r][v] = hn::MulAdd(factor, columns[v], sums[r][v]);
        }
    }
#pragma GCC unroll 8
    for (std::size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 8
        for (std::size_t v = 0; v < kVectors; ++v)
            storeVector(sums[r][v], c + r * cRow + v * step);
}

/// c = or += a b. `rows` is rounded up to kAttentionRows and `columns` to whole vectors: memory must be there.
inline HWY_NOINLINE void multiply(const Strided& a, const float* b, std::size_t bRow, float* c, std::size_t cRow,
                                  std::size_t rows, std::size_t columns, std::size_t inner, bool add) {
    const std::size_t step = lanes(), vectors = (columns + step - 1) / step;
    for (std::size_t v = 0; v < vectors; v += kColumnVectors) {
        const std::size_t count = HWY_MIN(kColumnVectors, vectors - v);
        for (std::size_t r = 0; r < rows; r += std::size_t(kAttentionRows)) {
            const Strided part{a.data + r * a.row, a.row, a.column};
            float* target = c + r * cRow + v * step;
            if (count == 1)
                multiplyTile<1>(part, b + v * step, bRow, target, cRow, inner, add);
            else if (count == 2)
                multiplyTile<2>(part, b + v * step, bRow, target, cRow, inner, add);
            else if (count == 3)
                multiplyTile<HWY_MIN(3, kColumnVectors)>(part, b + v * step, bRow, target, cRow, inner, add);
            else
                multiplyTile<kColumnVectors>(part, b + v * step, bRow, target, cRow, inner, add);
        }
    }
}

/// Copies `rows` rows of `columns` elements times `factor` into rows of `paddedColumns`, zero beyond.
template <typename T>
HWY_INLINE void copyRows(const T* x, std::size_t stride, std::size_t rows, std::size_t columns, float factor, float* y,
                         std::size_t paddedColumns) {
    const Vec scale = set(factor);
    for (std::size_t row = 0; row < rows; ++row)
        forEachVector(paddedColumns, [&](std::size_t i, std::size_t) LORIKEET_INLINE {
            const std::size_t left = columns > i ? HWY_MIN(columns - i, lanes()) : 0;
            const Vec value = left == 0 ? set(0) : load(x + row * stride + i, left);
            storeVector(hn::Mul(scale, value), y + row * paddedColumns + i);
        });
}

/// The same into columns: y [columns, paddedRows], zero beyond the rows.
template <typename T>
HWY_INLINE void copyColumns(const T* x, std::size_t stride, std::size_t rows, std::size_t columns, float* y,
                            std::size_t paddedRows) {
    std::fill(y, y + columns * paddedRows, 0.0f);
    for (std::size_t row = 0; row < rows; ++row)
        forEachVector(columns, [&](std::size_t i, std::size_t count) LORIKEET_INLINE {
            HWY_ALIGN float values[hn::MaxLanes(Floats())];
            hn::Store(load(x + row * stride + i, count), Floats(), values);
            for (std::size_t j = 0; j < count; ++j)
                y[(i + j) * paddedRows + row] = values[j];
        });
}

/// The lanes from column `first` on that lie in [from, to).
HWY_INLINE auto columnsWithin(std::size_t first, int64_t from, int64_t to) {
    const Vec column = hn::Iota(Floats(), float(first));
    return hn::And(hn::Ge(column, set(float(from))), hn::Lt(column, set(float(to))));
}

} // namespace lorikeet::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
