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

/// How a product is cut into passes, chunks, tiles and blocks: by its shape alone.
struct PackedCut {
    PackedCut(const PanelKernels& panels, const ProductOperand& a, const ProductOperand& b);

    bool severalPasses() const { return blocks > passBlocks; }
    int64_t passUnits() const { return passBlocks * blockUnits; }
    /// Floats of a thread: panels of B, and the sums of its tile where they are not elsewhere.
    int64_t slotFloats() const;

    const PanelKernels& panels;
    int64_t rows;       ///< of the product
    int64_t columns;    ///< of the product
    int64_t depth;      ///< elements summed
    int64_t panelCount; ///< panels of B
    int64_t tileFloats; ///< sums of a micro-tile
    int64_t blockUnits = 0;
    int64_t blocks = 0;
    int64_t passBlocks = 0; ///< blocks in a pass
    int64_t chunkRows = 0;  ///< rows of A that are packed at once
    int64_t tileRows = 0;
    int64_t group = 1; ///< panels of B in a tile

private:
    void cutDepth();
    void cutRows();
};

PackedCut::PackedCut(const PanelKernels& panelKernels, const ProductOperand& a, const ProductOperand& b)
    : panels(panelKernels), rows(a.vectors()), columns(b.vectors()), depth(a.depth()),
      panelCount(ceilDiv(columns, panels.columns)), tileFloats(int64_t(panels.rows) * panels.columns) {
    cutDepth();
    cutRows();
}

void PackedCut::cutDepth() {
    const int64_t units = roundUp(ceilDiv(depth, panels.unit), panels.depthStep);
    // Blocks of 64 units begin where blocks of 4-bit codes do.
    blockUnits = std::min(units, roundUp(ceilDiv(units, ceilDiv(units, kBlockDepth)), 64));
    blocks = ceilDiv(units, blockUnits);
    passBlocks = std::min(blocks, std::max<int64_t>(1, kPassDepth / blockUnits));
    const int64_t rowsThatFit = kPackedFloats / (passBlocks * blockUnits);
    chunkRows = std::min(roundUp(rows, panels.rows), std::max<int64_t>(rowsThatFit / panels.rows, 1) * panels.rows);
}

void PackedCut::cutRows() {
    int64_t rowTiles = ceilDiv(chunkRows, kTileRows + panels.rows);
    group = rowTiles * (panelCount / 2) >= kTilesWanted ? 2 : 1;
    const int64_t groups = ceilDiv(panelCount, group);
    rowTiles = std::max(rowTiles, std::min(ceilDiv(kTilesWanted * 3 / 4, groups), chunkRows / kLeastTileRows));
    tileRows = roundUp(ceilDiv(chunkRows, std::max<int64_t>(rowTiles, 1)), panels.rows);
}

int64_t PackedCut::slotFloats() const {
    const bool sumsInSlot = blocks > 1 && !severalPasses();
    return group * panels.columns * blockUnits + (sumsInSlot ? tileRows * group * panels.columns : tileFloats);
}

class PackedMultiplication {
public:
    PackedMultiplication(ExecutionContext& context, ThreadPool& pool, const PanelKernels& panels,
                         const RowKernels& rowKernels, const ProductOperand& a, const ProductOperand& b,
                         const ProductOutput& y)
        : m_context(context), m_pool(pool), m_panels(panels), m_rowKernels(rowKernels), m_a(a), m_b(b), m_y(y),
          m_cut(panels, a, b) {}
    void run();

private:
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
    const PackedCut m_cut;

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

int PackedMultiplication::panelWidth(int64_t panel) const {
    return m_cut.columns - panel * m_panels.columns <= m_panels.lanes ? m_panels.lanes : m_panels.columns;
}

void PackedMultiplication::run() {
    const Storage packed =
        m_context.allocate(DType::F32, Shape{m_cut.chunkRows, m_cut.passUnits()}, MemoryTag::Workspace);
    m_packedA = reinterpret_cast<float*>(packed.view().data);
    Storage partial;
    if (m_cut.severalPasses()) {
        partial = m_context.allocate(DType::F32, Shape{m_cut.chunkRows, m_cut.panelCount * m_panels.columns},
                                     MemoryTag::Workspace);
        m_partial = reinterpret_cast<float*>(partial.view().data);
    }
    ScratchSlots slots(m_context, m_pool.threads(), m_cut.slotFloats());
    m_slots = &slots;
    for (m_row = 0; m_row < m_cut.rows; m_row += m_cut.chunkRows) {
        m_rowsHere = std::min(m_cut.chunkRows, m_cut.rows - m_row);
        for (m_firstBlock = 0; m_firstBlock < m_cut.blocks; m_firstBlock += m_cut.passBlocks) {
            m_blocksHere = std::min(m_cut.passBlocks, m_cut.blocks - m_firstBlock);
            const int64_t depth = m_firstBlock * m_cut.blockUnits * m_panels.unit;
            m_unitsHere = std::min(roundUp(ceilDiv(m_cut.depth - depth, m_panels.unit), m_panels.depthStep),
                                   m_blocksHere * m_cut.blockUnits);
            constexpr int64_t kPanelsPerTask = 8;
            m_pool.parallelFor(ceilDiv(m_rowsHere, m_panels.rows * kPanelsPerTask), [&](int64_t task) {
                const int64_t end = std::min(m_rowsHere, (task + 1) * kPanelsPerTask * m_panels.rows);
                for (int64_t row = task * kPanelsPerTask * m_panels.rows; row < end; row += m_panels.rows)
                    packA(row, depth);
            });
            const int64_t groups = ceilDiv(m_cut.panelCount, m_cut.group);
            m_pool.parallelFor(groups * ceilDiv(m_rowsHere, m_cut.tileRows), [&](int64_t tile) { multiplyTile(tile); });
        }
    }
}

/// Packs one panel of A: rows from `row` of the chunk on, the pass's depth.
void PackedMultiplication::packA(int64_t row, int64_t depth) {
    const int64_t count = std::min<int64_t>(m_panels.rows, m_rowsHere - row);
    const int64_t length = std::min(m_cut.depth - depth, m_unitsHere * m_panels.unit);
    float* to = m_packedA + row * m_unitsHere;
    if (m_a.alongRows)
        m_panels.packA.alongRows(m_a.m, m_row + row, count, depth, length, m_panels.rows, to);
    else
        m_panels.packA.downColumns(m_a.m, depth, length, m_row + row, count, m_panels.rows, to);
}

void PackedMultiplication::packB(int64_t panel, int64_t depth, int64_t units, float* to) const {
    const int64_t column = panel * m_panels.columns;
    const int64_t count = std::min<int64_t>(m_panels.columns, m_cut.columns - column);
    const int64_t length = std::min(m_cut.depth - depth, units * m_panels.unit);
    if (m_b.alongRows)
        m_panels.packB.alongRows(m_b.m, column, count, depth, length, panelWidth(panel), to);
    else
        m_panels.packB.downColumns(m_b.m, depth, length, column, count, panelWidth(panel), to);
}

void PackedMultiplication::multiplyTile(int64_t tile) {
    const ScratchSlots::Slot slot(*m_slots);
    const int64_t groups = ceilDiv(m_cut.panelCount, m_cut.group);
    const int64_t row = tile / groups * m_cut.tileRows;
    const int64_t rowPanels = ceilDiv(std::min(m_cut.tileRows, m_rowsHere - row), m_panels.rows);
    const int64_t panel = tile % groups * m_cut.group;
    const int64_t panelsHere = std::min(m_cut.group, m_cut.panelCount - panel);
    for (int64_t block = 0; block < m_blocksHere; ++block)
        multiplyBlock(row / m_panels.rows, rowPanels, panel, panelsHere, block, slot.data());
}

/// Where the sums of a micro-tile stand between blocks of the summed dimension.
float* PackedMultiplication::partialSums(int64_t rowPanel, int64_t firstRowPanel, int64_t panel, int64_t firstPanel,
                                         float* scratch) const {
    if (m_partial)
        return m_partial + (rowPanel * m_cut.panelCount + panel) * m_cut.tileFloats;
    if (m_cut.blocks == 1)
        return scratch;
    return scratch + ((rowPanel - firstRowPanel) * m_cut.group + panel - firstPanel) * m_cut.tileFloats;
}

/// Adds one block of the summed dimension to a tile of rowPanels x panelsHere micro-tiles, and writes those that are
/// then complete.
void PackedMultiplication::multiplyBlock(int64_t firstRowPanel, int64_t rowPanels, int64_t firstPanel,
                                         int64_t panelsHere, int64_t block, float* scratch) {
    const int64_t before = block * m_cut.blockUnits;
    const int64_t units = std::min(m_cut.blockUnits, m_unitsHere - before);
    const int64_t depth = (m_firstBlock * m_cut.blockUnits + before) * m_panels.unit;
    const int64_t panelFloats = m_panels.columns * m_cut.blockUnits;
    for (int64_t p = 0; p < panelsHere; ++p)
        packB(firstPanel + p, depth, units, scratch + p * panelFloats);
    float* sumsInSlot = scratch + m_cut.group * panelFloats;
    const bool first = m_firstBlock + block == 0;
    const bool last = m_firstBlock + block + 1 == m_cut.blocks;
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
                                      std::min<int64_t>(m_panels.columns, m_cut.columns - column), m_y, m_row + row,
                                      column);
        }
    }
}

} // namespace

int64_t packedWorkspace(const PanelKernels& panels, const ProductOperand& a, const ProductOperand& b, int threads) {
    const PackedCut cut(panels, a, b);
    const int64_t partial = cut.severalPasses() ? cut.panelCount * panels.columns : 0;
    return cut.chunkRows * (cut.passUnits() + partial) * int64_t(sizeof(float)) +
           ScratchSlots::bytes(threads, cut.slotFloats());
}

void multiplyPacked(ExecutionContext& context, ThreadPool& pool, const PanelKernels& panels, const RowKernels& rows,
                    const ProductOperand& a, const ProductOperand& b, const ProductOutput& y) {
    PackedMultiplication(context, pool, panels, rows, a, b, y).run();
}

} // namespace lorikeet
