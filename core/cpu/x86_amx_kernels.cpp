// SPDX-License-Identifier: GPL-3.0-or-later
// Panels of bfloat16 pairs, multiplied by matrix tiles (AMX). A panel of A is stored tile by tile: for each 16 units of
// depth, 32 rows of 16 units.
#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "core/cpu/bfloat16_kernels.h"

#define LORIKEET_AMX __attribute__((target("amx-tile,amx-bf16")))

namespace lorikeet {
namespace {

constexpr int kTileRows = 16;  ///< rows of a tile register
constexpr int kTileUnits = 16; ///< units in such a row
constexpr int kRows = 2 * kTileRows;
constexpr int kColumns = 2 * kTileUnits;
constexpr int kPanelTile = kRows * kTileUnits; ///< floats of a panel of A for 16 units of depth

/// What LDTILECFG reads (Intel SDM, volume 1, chapter 18): all eight tiles with 16 rows of 64 bytes.
struct alignas(64) TileConfiguration {
    uint8_t palette = 1;
    uint8_t startRow = 0;
    uint8_t reserved[14] = {};
    uint16_t rowBytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
    uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
constexpr TileConfiguration kConfiguration;

// Tiles 0..3 hold sums (0, 1 above 2, 3), 4 and 5 the rows of A, 6 and 7 the columns of B.
constexpr int64_t kSumStride = kColumns * sizeof(float);
constexpr int64_t kRowStride = kTileUnits * sizeof(float);

LORIKEET_AMX void loadSums(const float* start) {
    if (!start) {
        _tile_zero(0);
        _tile_zero(1);
        _tile_zero(2);
        _tile_zero(3);
        return;
    }
    _tile_loadd(0, start, kSumStride);
    _tile_loadd(1, start + kTileUnits, kSumStride);
    _tile_loadd(2, start + kTileRows * kColumns, kSumStride);
    _tile_loadd(3, start + kTileRows * kColumns + kTileUnits, kSumStride);
}

LORIKEET_AMX void storeSums(float* sums) {
    _tile_stored(0, sums, kSumStride);
    _tile_stored(1, sums + kTileUnits, kSumStride);
    _tile_stored(2, sums + kTileRows * kColumns, kSumStride);
    _tile_stored(3, sums + kTileRows * kColumns + kTileUnits, kSumStride);
}

LORIKEET_AMX void multiplyFull(const float* a, const float* b, int64_t depth) {
    for (int64_t d = 0; d < depth; d += kTileUnits, a += kPanelTile, b += kTileUnits * kColumns) {
        _tile_loadd(6, b, kSumStride);
        _tile_loadd(4, a, kRowStride);
        _tile_loadd(7, b + kTileUnits, kSumStride);
        _tile_dpbf16ps(0, 4, 6);
        _tile_loadd(5, a + kTileRows * kTileUnits, kRowStride);
        _tile_dpbf16ps(1, 4, 7);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
    }
}

/// For panels of up to 16 rows or 16 columns.
LORIKEET_AMX void multiplyPart(const float* a, const float* b, int64_t depth, bool lowerRows, int width) {
    const bool rightColumns = width == kColumns;
    const int64_t stride = width * int64_t(sizeof(float));
    for (int64_t d = 0; d < depth; d += kTileUnits, a += kPanelTile, b += kTileUnits * width) {
        _tile_loadd(4, a, kRowStride);
        _tile_loadd(6, b, stride);
        _tile_dpbf16ps(0, 4, 6);
        if (rightColumns) {
            _tile_loadd(7, b + kTileUnits, stride);
            _tile_dpbf16ps(1, 4, 7);
        }
        if (lowerRows) {
            _tile_loadd(5, a + kTileRows * kTileUnits, kRowStride);
            _tile_dpbf16ps(2, 5, 6);
        }
    }
}

LORIKEET_AMX void multiplyTiles(const float* a, const float* b, int64_t depth, int rows, int width, const float* start,
                                float* sums) {
    _tile_loadconfig(&kConfiguration);
    loadSums(start);
    if (rows > kTileRows && width == kColumns)
        multiplyFull(a, b, depth);
    else
        multiplyPart(a, b, depth, rows > kTileRows, width);
    storeSums(sums);
    _tile_release();
}

int64_t unitsOf(int64_t depth) {
    return (depth + 1) / 2;
}

int64_t paddedUnits(int64_t depth) {
    return (unitsOf(depth) + kTileUnits - 1) / kTileUnits * kTileUnits;
}

void packBAlongRows(const MatrixView& m, int64_t row, int64_t rows, int64_t column, int64_t depth, int width,
                    float* panel) {
    packPairsAlongRows(m, row, rows, column, depth, width, panel);
    std::fill(panel + unitsOf(depth) * width, panel + paddedUnits(depth) * width, 0.0f);
}

void packBDownColumns(const MatrixView& m, int64_t row, int64_t depth, int64_t column, int64_t columns, int width,
                      float* panel) {
    packPairsDownColumns(m, row, depth, column, columns, width, panel);
    std::fill(panel + unitsOf(depth) * width, panel + paddedUnits(depth) * width, 0.0f);
}

/// Turns `units` (up to 16) of a panel as of B, [unit][32], into those of a panel of A.
void turnTile(const RowKernels& kernels, float* tile, int64_t units, float* panel) {
    std::fill(tile + units * kRows, tile + kTileUnits * kRows, 0.0f);
    kernels.transpose(tile, kRows, kTileUnits, kRows, kTileUnits, panel);
}

void packAAlongRows(const MatrixView& m, int64_t row, int64_t rows, int64_t column, int64_t depth, int, float* panel) {
    const RowKernels kernels = rowKernels(KernelSet::Avx512);
    for (int64_t d = 0; d < depth; d += 2 * kTileUnits, panel += kPanelTile) {
        const int64_t length = std::min<int64_t>(2 * kTileUnits, depth - d);
        if (m.form != MatrixView::Form::BF16) {
            alignas(64) float tile[kTileUnits * kRows];
            packPairsAlongRows(m, row, rows, column + d, length, kRows, tile);
            turnTile(kernels, tile, unitsOf(length), panel);
            continue;
        }
        for (int64_t r = 0; r < rows; ++r) {
            auto* to = reinterpret_cast<std::byte*>(panel + r * kTileUnits);
            std::memcpy(to, m.data + ((row + r) * m.columns + column + d) * 2, std::size_t(length * 2));
            std::memset(to + length * 2, 0, std::size_t(kRowStride - length * 2));
        }
    }
}

void packADownColumns(const MatrixView& m, int64_t row, int64_t depth, int64_t column, int64_t columns, int,
                      float* panel) {
    const RowKernels kernels = rowKernels(KernelSet::Avx512);
    alignas(64) float tile[kTileUnits * kRows];
    for (int64_t d = 0; d < depth; d += 2 * kTileUnits, panel += kPanelTile) {
        const int64_t length = std::min<int64_t>(2 * kTileUnits, depth - d);
        packPairsDownColumns(m, row + d, length, column, columns, kRows, tile);
        turnTile(kernels, tile, unitsOf(length), panel);
    }
}

/// Asks the system for the tiles' state: a process has it only on demand (arch_prctl, XFEATURE_XTILEDATA).
bool requestTiles() {
    constexpr long kRequestPermission = 0x1023;
    constexpr long kTileData = 18;
    return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

} // namespace

bool processorHasAmx() {
    static const bool kHas = [] {
        unsigned a = 0, b = 0, c = 0, d = 0;
        constexpr unsigned kBfloat16 = 1u << 22, kTiles = 1u << 24;
        return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (d & kBfloat16) != 0 && (d & kTiles) != 0 &&
               requestTiles();
    }();
    return kHas;
}

PanelKernels amxKernels() {
    return {.rows = kRows,
            .columns = kColumns,
            .lanes = kTileUnits,
            .unit = 2,
            .depthStep = kTileUnits,
            .multiply = multiplyTiles,
            .packA = {.alongRows = packAAlongRows, .downColumns = packADownColumns},
            .packB = {.alongRows = packBAlongRows, .downColumns = packBDownColumns}};
}

} // namespace lorikeet
