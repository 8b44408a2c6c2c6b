// SPDX-License-Identifier: GPL-3.0-or-later
// Packing matrices into panels of bfloat16 pairs with AVX-512.
#include <immintrin.h>

#include <algorithm>
#include <array>

#include "core/cpu/bfloat16_kernels.h"

#define LORIKEET_AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl")))

namespace lorikeet {
namespace {

constexpr int64_t kMostRows = 32;    ///< the widest panel
constexpr int64_t kStripDepth = 192; ///< such a strip of a panel's rows fits the first-level cache

/// The upper halves of 2 * units floats as pairs; whole vectors are read and written.
LORIKEET_AVX512 void pairUp(const float* values, int64_t units, float* pairs) {
    alignas(64) std::array<uint16_t, 32> upperHalves{};
    for (std::size_t i = 0; i < upperHalves.size(); ++i)
        upperHalves[i] = uint16_t(2 * i + 1);
    const __m512i upper = _mm512_load_si512(upperHalves.data());
    for (int64_t i = 0; i < units; i += 16) {
        const __m512i first = _mm512_loadu_si512(values + 2 * i);
        const __m512i second = _mm512_loadu_si512(values + 2 * i + 16);
        _mm512_storeu_si512(pairs + i, _mm512_permutex2var_epi16(first, upper, second));
    }
}

/// panel[i] = pair (even[i], odd[i]) for i < width.
LORIKEET_AVX512 void zipRows(const float* even, const float* odd, int width, float* panel) {
    const __m512i upper = _mm512_set1_epi32(int(0xffff0000u));
    for (int i = 0; i < width; i += 16) {
        // The unmasked shift makes GCC 12 warn of its own header.
        const __m512i low = _mm512_maskz_srli_epi32(0xffff, _mm512_loadu_si512(even + i), 16);
        const __m512i high = _mm512_and_si512(_mm512_loadu_si512(odd + i), upper);
        const auto lanes = __mmask16(width - i >= 16 ? 0xffff : (1 << (width - i)) - 1);
        _mm512_mask_storeu_epi32(panel + i, lanes, _mm512_or_si512(low, high));
    }
}

} // namespace

void packPairsAlongRows(const MatrixView& m, int64_t row, int64_t rows, int64_t column, int64_t depth, int width,
                        float* panel) {
    const RowKernels kernels = rowKernels(KernelSet::Avx512);
    if (m.form == MatrixView::Form::BF16 && m.columns % 2 == 0 && column % 2 == 0 && depth % 2 == 0) {
        const std::byte* first = m.data + (row * m.columns + column) * 2;
        kernels.transpose(first, m.columns / 2, rows, depth / 2, width, panel);
        return;
    }
    alignas(64) float values[kMostRows * kStripDepth];
    alignas(64) float pairs[kMostRows * kStripDepth / 2];
    for (int64_t done = 0; done < depth; done += kStripDepth) {
        const int64_t length = std::min(kStripDepth, depth - done);
        const int64_t units = (length + 1) / 2;
        kernels.read(m, row, rows, column + done, length, values, kStripDepth);
        for (int64_t r = 0; r < rows; ++r) {
            if (length % 2 != 0)
                values[r * kStripDepth + length] = 0.0f;
            pairUp(values + r * kStripDepth, units, pairs + r * kStripDepth / 2);
        }
        kernels.transpose(pairs, kStripDepth / 2, rows, units, width, panel + done / 2 * width);
    }
}

void packPairsDownColumns(const MatrixView& m, int64_t row, int64_t depth, int64_t column, int64_t columns, int width,
                          float* panel) {
    const RowKernels kernels = rowKernels(KernelSet::Avx512);
    alignas(64) float values[kStripDepth * kMostRows];
    for (int64_t done = 0; done < depth; done += kStripDepth) {
        const int64_t length = std::min(kStripDepth, depth - done);
        kernels.read(m, row + done, length, column, columns, values, kMostRows);
        if (length % 2 != 0)
            std::fill_n(values + length * kMostRows, kMostRows, 0.0f);
        for (int64_t d = 0; d < length; d += 2)
            zipRows(values + d * kMostRows, values + (d + 1) * kMostRows, width, panel + (done + d) / 2 * width);
    }
}

} // namespace lorikeet
