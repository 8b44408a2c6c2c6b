// SPDX-License-Identifier: GPL-3.0-or-later
// Panels of bfloat16 pairs, for processors that multiply them (AVX-512 BF16). Each function names its instructions,
// so that nothing else in the program is compiled for them.
#include "core/cpu/bfloat16_kernels.h"

#include <immintrin.h>

#include <algorithm>

#define LORIKEET_BF16 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16")))
#define LORIKEET_BF16_INLINE LORIKEET_BF16 __attribute__((always_inline)) inline

namespace lorikeet {
namespace {

constexpr int kRows = 12;
constexpr int kLanes = 16;
constexpr int kColumns = 2 * kLanes;

LORIKEET_BF16_INLINE __m512bh pairsAt(const float* p) {
    return __m512bh(_mm512_loadu_si512(p));
}

template <int Rows, int Vectors>
LORIKEET_BF16_INLINE void multiplyTile(const float* a, const float* b, int64_t depth, const float* start, float* sums) {
    __m512 tile[Rows][Vectors];
#pragma GCC unroll 12
    for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 2
        for (int v = 0; v < Vectors; ++v)
            tile[r][v] = start ? _mm512_loadu_ps(start + r * kColumns + v * kLanes) : _mm512_setzero_ps();
    for (int64_t d = 0; d < depth; ++d, a += kRows, b += Vectors * kLanes) {
        __m512bh right[Vectors];
#pragma GCC unroll 2
        for (int v = 0; v < Vectors; ++v)
            right[v] = pairsAt(b + v * kLanes);
#pragma GCC unroll 12
        for (int r = 0; r < Rows; ++r) {
            const auto left = __m512bh(_mm512_castps_si512(_mm512_set1_ps(a[r])));
#pragma GCC unroll 2
            for (int v = 0; v < Vectors; ++v)
                tile[r][v] = _mm512_dpbf16_ps(tile[r][v], left, right[v]);
        }
    }
#pragma GCC unroll 12
    for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 2
        for (int v = 0; v < Vectors; ++v)
            _mm512_storeu_ps(sums + r * kColumns + v * kLanes, tile[r][v]);
}

template <int Vectors>
LORIKEET_BF16 void multiplyRows(const float* a, const float* b, int64_t depth, int rows, const float* start,
                                float* sums) {
    if (rows > 8)
        multiplyTile<12, Vectors>(a, b, depth, start, sums);
    else if (rows > 4)
        multiplyTile<8, Vectors>(a, b, depth, start, sums);
    else
        multiplyTile<4, Vectors>(a, b, depth, start, sums);
}

void multiplyPairs(const float* a, const float* b, int64_t depth, int rows, int width, const float* start,
                   float* sums) {
    if (width == kColumns)
        multiplyRows<2>(a, b, depth, rows, start, sums);
    else
        multiplyRows<1>(a, b, depth, rows, start, sums);
}

} // namespace

PanelKernels avx512Bfloat16Kernels() {
    return {.rows = kRows,
            .columns = kColumns,
            .lanes = kLanes,
            .unit = 2,
            .multiply = multiplyPairs,
            .packA = {.alongRows = packPairsAlongRows, .downColumns = packPairsDownColumns},
            .packB = {.alongRows = packPairsAlongRows, .downColumns = packPairsDownColumns}};
}

} // namespace lorikeet
