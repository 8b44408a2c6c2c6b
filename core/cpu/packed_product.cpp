// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cpu/packed_product.h"

#include <algorithm>

#include "core/cpu/scratch_slots.h"

namespace lorikeet {
namespace {

/// Units of the summed dimension in a panel of B: 32 columns of them are 96 KB, so that two and a panel of A stay in a
/// second-level cache of 512 KB.
constexpr int64_t kBlockDepth = 768;
/// Packed A is bounded by these: deeper sums go in several passes over the output.
constexpr int64_t kPassDepth = 4096;
constexpr int64_t kPackedFloats = 2 * 1024 * 1024;
/// Rows of a tile: so many that packing B's panels costs little beside multiplying them.
constexpr int64_t kTileRows = 512;
constexpr int64_t kLeastTileRows = 128;
/// Enough tiles for the threads to end at about the same time.
constexpr int64_t kTilesWanted = 16;

int64_t ceilDiv(int64_t a, int64_t b) {
    return (a + b - 1) / b;
}

int64_t roundUp(int64_t value, int64_t step) {
    return ceilDiv(value, step) * step;
}

class PackedMultiplication {
public:
    PackedMultiplication(ExecutionContext& context, ThreadPool& pool, const PanelKernels& panels,
                         const RowKernels& rowKernels, const ProductOperand& a, const ProductOperand& b,
                         const ProductOutput& y);
    void run();

private:
    void cutDepth();
    void cutRows();
    void packA(int64_t row, int64_t depth);
    void multiplyTile(int64_t tile);
    void multiplyBlock(int64_t rowPanel, int64_t rowPanels, int64_t panel, int64_t panelsHere, int64_t block,
                       float* scratch);
    void packB(int64_t panel, int64_t depth, int64_t units, float* to) const;
    int panelWidth(int64_t panel) const;
    float* partialSums(int64_t rowPanel, int64_t firstRowPanel, int64_t panel, int64_t firstPanel,
                       float* scratch) const;

    ExecutionContext& m_context;
    ThreadPool& m_pool;
    const PanelKernels& m_panels;
    const RowKernels& m_rowKernels;
    const ProductOperand& m_a;
    const ProductOperand& m_b;
    const ProductOutput& m_y;

    int64_t m_rows;       ///< of the product
    int64_t m_columns;    ///< of the product
    int64_t m_depth;      ///< elements summed
    int64_t m_panelCount; ///< panels of B
    int64_t m_tileFloats; ///< sums of a micro-tile
    int64_t m_blockUnits = 0;
    int64_t m_blocks = 0;
    int64_t m_passBlocks = 0; ///< blocks in a pass
    int64_t m_chunkRows = 0;  ///< rows of A that are packed at once
    int64_t m_tileRows = 0;
    int64_t m_group = 1; ///< panels of B in a tile

    // The chunk and pass at work.
    int64_t m_row = 0;
    int64_t m_rowsHere = 0;
    int64_t m_firstBlock = 0;
    int64_t m_blocksHere = 0;
    int64_t m_unitsHere = 0;
    float* m_packedA = nullptr;
    float* m_partial = nullptr; ///< sums between passes, one micro-tile after the other; null where there is one pass
    ScratchSlots* m_slots = nullptr;
};

PackedMultiplication::PackedMultiplication(ExecutionContext& context, ThreadPool& pool, const PanelKernels& panels,
                                           const RowKernels& rowKernels, const ProductOperand& a,
                                           const ProductOperand& b, const ProductOutput& y)
    : m_context(context), m_pool(pool), m_panels(panels), m_rowKernels(rowKernels), m_a(a), m_b(b), m_y(y),
      m_rows(a.vectors()), m_columns(b.vectors()), m_depth(a.depth()), m_panelCount(ceilDiv(m_columns, panels.columns)),
      m_tileFloats(int64_t(panels.rows) * panels.columns) {
    cutDepth();
    cutRows();
}

void PackedMultiplication::cutDepth() {
    const int64_t units = roundUp(ceilDiv(m_depth, m_panels.unit), m_panels.depthStep);
    // Blocks of 64 units begin where blocks of 4-bit codes do.
    m_blockUnits = std::min(units, roundUp(ceilDiv(units, ceilDiv(units, kBlockDepth)), 64));
    m_blocks = ceilDiv(units, m_blockUnits);
    m_passBlocks = std::min(m_blocks, std::max<int64_t>(1, kPassDepth / m_blockUnits));
    const int64_t rowsThatFit = kPackedFloats / (m_passBlocks * m_blockUnits);
    m_chunkRows =
        std::min(roundUp(m_rows, m_panels.rows), std::max<int64_t>(rowsThatFit / m_panels.rows, 1) * m_panels.rows);
}

void PackedMultiplication::cutRows() {
    int64_t rowTiles = ceilDiv(m_chunkRows, kTileRows + m_panels.rows);
    m_group = rowTiles * (m_panelCount / 2) >= kTilesWanted ? 2 : 1;
    const int64_t groups = ceilDiv(m_panelCount, m_group);
    rowTiles = std::max(rowTiles, std::min(ceilDiv(kTilesWanted * 3 / 4, groups), m_chunkRows / kLeastTileRows));
    m_tileRows = roundUp(ceilDiv(m_chunkRows, std::max<int64_t>(rowTiles, 1)), m_panels.rows);
}

int PackedMultiplication::panelWidth(int64_t panel) const {
    return m_columns - panel * m_panels.columns <= m_panels.lanes ? m_panels.lanes : m_panels.columns;
}

void PackedMultiplication::run() {
    const int64_t passUnits = m_passBlocks * m_blockUnits;
    const Storage packed = m_context.allocate(DType::F32, Shape{m_chunkRows, passUnits}, MemoryTag::Workspace);
    m_packedA = reinterpret_cast<float*>(packed.view().data);
    const bool severalPasses = m_blocks > m_passBlocks;
    Storage partial;
    if (severalPasses) {
        partial =
            m_context.allocate(DType::F32, Shape{m_chunkRows, m_panelCount * m_panels.columns}, MemoryTag::Workspace);
        m_partial = reinterpret_cast<float*>(partial.view().data);
    }
    const int64_t sumsInSlot = m_blocks > 1 && !severalPasses ? m_tileRows * m_group * m_panels.columns : m_tileFloats;
    ScratchSlots slots(m_context, m_pool.threads(), m_group * m_panels.columns * m_blockUnits + sumsInSlot);
    m_slots = &slots;
    for (m_row = 0; m_row < m_rows; m_row += m_chunkRows) {
        m_rowsHere = std::min(m_chunkRows, m_rows - m_row);
        for (m_firstBlock = 0; m_firstBlock < m_blocks; m_firstBlock += m_passBlocks) {
            m_blocksHere = std::min(m_passBlocks, m_blocks - m_firstBlock);
            const int64_t depth = m_firstBlock * m_blockUnits * m_panels.unit;
            m_unitsHere = std::min(roundUp(ceilDiv(m_depth - depth, m_panels.unit), m_panels.depthStep),
                                   m_blocksHere * m_blockUnits);
            constexpr int64_t kPanelsPerTask = 8;
            m_pool.parallelFor(ceilDiv(m_rowsHere, m_panels.rows * kPanelsPerTask), [&](int64_t task) {
                const int64_t end = std::min(m_rowsHere, (task + 1) * kPanelsPerTask * m_panels.rows);
                for (int64_t row = task * kPanelsPerTask * m_panels.rows; row < end; row += m_panels.rows)
                    packA(row, depth);
            });
            const int64_t groups = ceilDiv(m_panelCount, m_group);
            m_pool.parallelFor(groups * ceilDiv(m_rowsHere, m_tileRows), [&](int64_t tile) { multiplyTile(tile); });
        }
    }
}

/// Packs one panel of A: rows from `row` of the chunk on, the pass's depth.
void PackedMultiplication::packA(int64_t row, int64_t depth) {
    const int64_t count = std::min<int64_t>(m_panels.rows, m_rowsHere - row);
    const int64_t length = std::min(m_depth - depth, m_unitsHere * m_panels.unit);
    float* to = m_packedA + row * m_unitsHere;
    if (m_a.alongRows)
        m_panels.packA.alongRows(m_a.m, m_row + row, count, depth, length, m_panels.rows, to);
    else
        m_panels.packA.downColumns(m_a.m, depth, length, m_row + row, count, m_panels.rows, to);
}

void PackedMultiplication::packB(int64_t panel, int64_t depth, int64_t units, float* to) const {
    const int64_t column = panel * m_panels.columns;
    const int64_t count = std::min<int64_t>(m_panels.columns, m_columns - column);
    const int64_t length = std::min(m_depth - depth, units * m_panels.unit);
    if (m_b.alongRows)
        m_panels.packB.alongRows(m_b.m, column, count, depth, length, panelWidth(panel), to);
    else
        m_panels.packB.downColumns(m_b.m, depth, length, column, count, panelWidth(panel), to);
}

void PackedMultiplication::multiplyTile(int64_t tile) {
    const ScratchSlots::Slot slot(*m_slots);
    const int64_t groups = ceilDiv(m_panelCount, m_group);
    const int64_t row = tile / groups * m_tileRows;
    const int64_t rowPanels = ceilDiv(std::min(m_tileRows, m_rowsHere - row), m_panels.rows);
    const int64_t panel = tile % groups * m_group;
    const int64_t panelsHere = std::min(m_group, m_panelCount - panel);
    for (int64_t block = 0; block < m_blocksHere; ++block)
        multiplyBlock(row / m_panels.rows, rowPanels, panel, panelsHere, block, slot.data());
}

/// Where the sums of a micro-tile stand between blocks of the summed dimension.
float* PackedMultiplication::partialSums(int64_t rowPanel, int64_t firstRowPanel, int64_t panel, int64_t firstPanel,
                                         float* scratch) const {
    if (m_partial)
        return m_partial + (rowPanel * m_panelCount + panel) * m_tileFloats;
    if (m_blocks == 1)
        return scratch;
    return scratch + ((rowPanel - firstRowPanel) * m_group + panel - firstPanel) * m_tileFloats;
}

/// Adds one block of the summed dimension to a tile of rowPanels x panelsHere micro-tiles, and writes those that are
/// then complete.
void PackedMultiplication::multiplyBlock(int64_t firstRowPanel, int64_t rowPanels, int64_t firstPanel,
                                         int64_t panelsHere, int64_t block, float* scratch) {
    const int64_t before = block * m_blockUnits;
    const int64_t units = std::min(m_blockUnits, m_unitsHere - before);
    const int64_t depth = (m_firstBlock * m_blockUnits + before) * m_panels.unit;
    const int64_t panelFloats = m_panels.columns * m_blockUnits;
    for (int64_t p = 0; p < panelsHere; ++p)
        packB(firstPanel + p, depth, units, scratch + p * panelFloats);
    float* sumsInSlot = scratch + m_group * panelFloats;
    const bool first = m_firstBlock + block == 0;
    const bool last = m_firstBlock + block + 1 == m_blocks;
    for (int64_t r = firstRowPanel; r < firstRowPanel + rowPanels; ++r) {
        const int64_t row = r * m_panels.rows;
        const auto rows = int(std::min<int64_t>(m_panels.rows, m_rowsHere - row));
        const float* a = m_packedA + row * m_unitsHere + before * m_panels.rows;
        for (int64_t p = 0; p < panelsHere; ++p) {
            const int64_t panel = firstPanel + p;
            float* sums = partialSums(r, firstRowPanel, panel, firstPanel, sumsInSlot);
            m_panels.multiply(a, scratch + p * panelFloats, units, rows, panelWidth(panel), first ? nullptr : sums,
                              sums);
            if (!last)
                continue;
            const int64_t column = panel * m_panels.columns;
            m_rowKernels.writeProduct(sums, m_panels.columns, rows,
                                      std::min<int64_t>(m_panels.columns, m_columns - column), m_y, m_row + row,
                                      column);
        }
    }
}

} // namespace

void multiplyPacked(ExecutionContext& context, ThreadPool& pool, const PanelKernels& panels, const RowKernels& rows,
                    const ProductOperand& a, const ProductOperand& b, const ProductOutput& y) {
    PackedMultiplication(context, pool, panels, rows, a, b, y).run();
}

} // namespace lorikeet
