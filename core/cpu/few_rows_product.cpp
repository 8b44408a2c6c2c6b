// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cpu/few_rows_product.h"

#include <algorithm>

#include "core/cpu/scratch_slots.h"

namespace lorikeet {
namespace {

constexpr int64_t kStripRows = 8;
constexpr int64_t kStripDepth = 1024;
/// A tile reads about so many elements of m, some tens of microseconds.
constexpr int64_t kTileElements = 64 * 1024;
constexpr int64_t kVectorTileRows = 256;

/// Floats of a thread: a strip of m, and its sums.
int64_t fewRowsFloats(int64_t count) {
    return kStripRows * (kStripDepth + count);
}

} // namespace

int64_t fewRowsWorkspace(int64_t count, int threads) {
    return ScratchSlots::bytes(threads, fewRowsFloats(count));
}

void multiplyByFewRows(ExecutionContext& context, ThreadPool& pool, const RowKernels& kernels, const MatrixView& m,
                       const float* few, int64_t count, const ProductOutput& y) {
    const int64_t strips = (m.rows + kStripRows - 1) / kStripRows;
    const int64_t stripsPerTile = std::max<int64_t>(1, kTileElements / (kStripRows * m.columns));
    const int64_t stripFloats = kStripRows * kStripDepth;
    ScratchSlots slots(context, pool.threads(), fewRowsFloats(count));
    const auto multiplyStrip = [&](int64_t row, float* scratch) {
        const int64_t rows = std::min(kStripRows, m.rows - row);
        float* sums = scratch + stripFloats;
        std::fill_n(sums, rows * count, 0.0f);
        for (int64_t depth = 0; depth < m.columns; depth += kStripDepth) {
            const int64_t length = std::min(kStripDepth, m.columns - depth);
            const float* values = m.isPlain() ? m.plainRow(row) + depth : scratch;
            if (!m.isPlain())
                kernels.read(m, row, rows, depth, length, scratch, kStripDepth);
            kernels.addDots(values, m.isPlain() ? m.columns : kStripDepth, rows, few + depth, m.columns, count, length,
                            sums, count);
        }
        kernels.writeProduct(sums, count, rows, count, y, row, 0);
    };
    pool.parallelFor((strips + stripsPerTile - 1) / stripsPerTile, [&](int64_t tile) {
        const ScratchSlots::Slot slot(slots);
        const int64_t end = std::min(strips, (tile + 1) * stripsPerTile);
        for (int64_t strip = tile * stripsPerTile; strip < end; ++strip)
            multiplyStrip(strip * kStripRows, slot.data());
    });
}

void multiplyByVectors(ExecutionContext& context, ThreadPool& pool, const RowKernels& kernels, const RowDots& dots,
                       const MatrixView& m, const MatrixView& x, const ProductOutput& y) {
    const int64_t count = x.rows;
    const Storage arranged = context.allocate(DType::F32, Shape{count, m.columns}, MemoryTag::Workspace);
    auto* vectors = reinterpret_cast<float*>(arranged.view().data);
    kernels.read(x, 0, count, 0, m.columns, vectors, m.columns);
    for (int64_t i = 0; i < count; ++i)
        dots.arrange(m, vectors + i * m.columns);
    const int64_t tileRows = std::clamp<int64_t>(kTileElements / m.columns, 1, kVectorTileRows);
    pool.parallelFor((m.rows + tileRows - 1) / tileRows, [&](int64_t tile) {
        float sums[kVectorTileRows * 4];
        const int64_t row = tile * tileRows;
        const int64_t rows = std::min(tileRows, m.rows - row);
        dots.dots[count - 1](m, row, rows, vectors, m.columns, sums);
        kernels.writeProduct(sums, count, rows, count, y, row, 0);
    });
}

} // namespace lorikeet
