// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstring>

#include "core/cpu/matrix_kernels.h"
#include "core/cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/cpu/panel_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/cpu/read_inl.h"
#include "core/cpu/transpose_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lorikeet::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR
/// Highway has no vectors for the baseline; every processor has four floats, which compilers know without it.
using TileVec = float __attribute__((vector_size(16)));
constexpr int kLanes = 4;

HWY_INLINE TileVec tileSet(float value) {
    return TileVec{value, value, value, value};
}
HWY_INLINE TileVec tileLoad(const float* p) {
    TileVec v;
    std::memcpy(&v, p, sizeof v);
    return v;
}
HWY_INLINE void tileStore(TileVec v, float* p) {
    std::memcpy(p, &v, sizeof v);
}
HWY_INLINE TileVec tileMulAdd(TileVec a, TileVec b, TileVec c) {
    return a * b + c;
}
#else
using TileVec = Vec;
constexpr int kLanes = int(hn::MaxLanes(Floats()));

HWY_INLINE TileVec tileSet(float value) {
    return set(value);
}
HWY_INLINE TileVec tileLoad(const float* p) {
    return hn::Load(Floats(), p);
}
HWY_INLINE void tileStore(TileVec v, float* p) {
    hn::Store(v, Floats(), p);
}
HWY_INLINE TileVec tileMulAdd(TileVec a, TileVec b, TileVec c) {
    return hn::MulAdd(a, b, c);
}
#endif

// Sums for a tile of kRows x 2 vectors stay in registers: 24 of 32 for AVX-512 and NEON, 12 of 16 else.
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_NEON
constexpr int kRows = 12;
#else
constexpr int kRows = 6;
#endif
constexpr int kColumns = 2 * kLanes;

template <int Rows, int Vectors>
HWY_INLINE void multiplyTile(const float* HWY_RESTRICT a, const float* HWY_RESTRICT b, int64_t depth,
                             const float* start, float* sums) {
    TileVec tile[Rows][Vectors];
#pragma GCC unroll 12
    for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 2
        for (int v = 0; v < Vectors; ++v)
            tile[r][v] = start ? tileLoad(start + r * kColumns + v * kLanes) : tileSet(0.0f);
    for (int64_t d = 0; d < depth; ++d, a += kRows, b += Vectors * kLanes) {
        TileVec right[Vectors];
#pragma GCC unroll 2
        for (int v = 0; v < Vectors; ++v)
            right[v] = tileLoad(b + v * kLanes);
#pragma GCC unroll 12
        for (int r = 0; r < Rows; ++r) {
            const TileVec left = tileSet(a[r]);
#pragma GCC unroll 2
            for (int v = 0; v < Vectors; ++v)
                tile[r][v] = tileMulAdd(left, right[v], tile[r][v]);
        }
    }
#pragma GCC unroll 12
    for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 2
        for (int v = 0; v < Vectors; ++v)
            tileStore(tile[r][v], sums + r * kColumns + v * kLanes);
}

template <int Vectors>
HWY_INLINE void multiplyRows(const float* a, const float* b, int64_t depth, int rows, const float* start, float* sums) {
    if (rows > kRows * 2 / 3)
        multiplyTile<kRows, Vectors>(a, b, depth, start, sums);
    else if (rows > kRows / 3)
        multiplyTile<kRows * 2 / 3, Vectors>(a, b, depth, start, sums);
    else
        multiplyTile<kRows / 3, Vectors>(a, b, depth, start, sums);
}

void multiplyPanels(const float* a, const float* b, int64_t depth, int rows, int width, const float* start,
                    float* sums) {
    if (width == kColumns)
        multiplyRows<2>(a, b, depth, rows, start, sums);
    else
        multiplyRows<1>(a, b, depth, rows, start, sums);
}

void packAlongRows(const MatrixView& m, int64_t row, int64_t rows, int64_t column, int64_t depth, int width,
                   float* panel) {
    if (m.isPlain()) {
        transposeRows(m.plainRow(row) + column, m.columns, rows, depth, width, panel);
        return;
    }
    constexpr int64_t kStep = 192; // a panel's rows of that length fit the first-level cache
    HWY_ALIGN float values[kColumns * kStep];
    for (int64_t done = 0; done < depth; done += kStep) {
        const int64_t length = std::min(kStep, depth - done);
        readRows(m, row, rows, column + done, length, values, kStep);
        transposeRows(values, kStep, rows, length, width, panel + done * width);
    }
}

void packDownColumns(const MatrixView& m, int64_t row, int64_t depth, int64_t column, int64_t columns, int width,
                     float* panel) {
    readRows(m, row, depth, column, columns, panel, width);
}

constexpr PanelKernels kPanelKernels{.rows = kRows,
                                     .columns = kColumns,
                                     .lanes = kLanes,
                                     .unit = 1,
                                     .multiply = multiplyPanels,
                                     .packA = {.alongRows = packAlongRows, .downColumns = packDownColumns},
                                     .packB = {.alongRows = packAlongRows, .downColumns = packDownColumns}};

PanelKernels panelKernels() {
    return kPanelKernels;
}

} // namespace lorikeet::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lorikeet {

HWY_EXPORT(panelKernels);

PanelKernels floatPanelKernels(KernelSet set) {
    return LORIKEET_KERNEL(set, panelKernels)();
}

} // namespace lorikeet
#endif
