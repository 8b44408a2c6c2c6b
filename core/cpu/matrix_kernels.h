// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cpu/cpu_backend.h"
#include "core/cpu/matrix_view.h"

namespace lorikeet {

/// The matrix into which a product is written, y = or += alpha * product.
struct ProductOutput {
    std::byte* data = nullptr;
    DType dtype = DType::F32; ///< F32 or BF16
    int64_t stride = 0;       ///< elements from row to row
    float alpha = 1.0f;
    Output output = Output::Assign;
    bool transposed = false; ///< element (row, column) of the product belongs to (column, row) of the matrix
};

ProductOutput productOutput(const Tensor& y, float alpha, Output output);

/// What fills panels. Each reads `depth` elements of the summed dimension for each of a panel's vectors.
struct PanelPacker {
    /// panel[d][i] = m(row + i, column + d) for i < rows, d < depth: the summed dimension runs along rows of m.
    void (*alongRows)(const MatrixView& m, int64_t row, int64_t rows, int64_t column, int64_t depth, int width,
                      float* panel) = nullptr;
    /// panel[d][i] = m(row + d, column + i) for i < columns, d < depth: the summed dimension runs down the columns.
    void (*downColumns)(const MatrixView& m, int64_t row, int64_t depth, int64_t column, int64_t columns, int width,
                        float* panel) = nullptr;
};

/// The micro-kernel of packed products and what fills its panels. Both operands stand in panels [depth][width] of
/// 4-byte units: a float, or two consecutive bfloat16 of the summed dimension. What a panel holds beyond the matrix is
/// arbitrary but for depth.
struct PanelKernels {
    int rows = 0;    ///< width of a panel of A
    int columns = 0; ///< width of a full panel of B
    int lanes = 0;   ///< width of a narrow one
    int unit = 1;    ///< elements of the summed dimension in a unit
    /// Panels are so many units deep or a multiple; what packers add to their depth is zero.
    int depthStep = 1;

    /// sums[r][c] = start[r][c] + sum over d of a[d][r] * b[d][c], for r < rows, c < width; each sum in the order of d.
    /// Rows of `sums` and `start` are `columns` apart. start may be null (zeros) or sums.
    void (*multiply)(const float* a, const float* b, int64_t depth, int rows, int width, const float* start,
                     float* sums) = nullptr;
    PanelPacker packA;
    PanelPacker packB;
};

/// What needs no panels.
struct RowKernels {
    /// out[r * stride + c] = m(row + r, column + c), for r < rows, c < columns.
    void (*read)(const MatrixView& m, int64_t row, int64_t rows, int64_t column, int64_t columns, float* out,
                 int64_t stride) = nullptr;
    /// panel[d * width + i] = unit i * stride + d of rows, for i < count <= width, d < depth; rows may begin at any
    /// address.
    void (*transpose)(const void* rows, int64_t stride, int64_t count, int64_t depth, int width,
                      float* panel) = nullptr;
    /// sums[i * sumStride + j] += x_i . w_j over `depth` elements; rows of x and w are a stride apart.
    void (*addDots)(const float* x, int64_t xStride, int64_t xRows, const float* w, int64_t wStride, int64_t wRows,
                    int64_t depth, float* sums, int64_t sumStride) = nullptr;
    /// y(row + r, column + c) = or += alpha * sums[r * sumStride + c].
    void (*writeProduct)(const float* sums, int64_t sumStride, int64_t rows, int64_t columns, const ProductOutput& y,
                         int64_t row, int64_t column) = nullptr;
};

/// Products of a matrix's rows with one to four vectors, for matrices whose rows begin with blocks.
struct RowDots {
    int64_t spread = 0; ///< elements that are rearranged together for 4-bit codes; 0 where there is no such kernel
    int64_t lanes = 1;
    /// dots[count - 1]: out[r * count + i] = row (row + r) of m . vector i, for r < rows; the vectors, arranged, are a
    /// stride apart.
    void (*dots[4])(const MatrixView& m, int64_t row, int64_t rows, const float* x, int64_t stride, float* out) = {};

    bool canRead(const MatrixView& m) const;
    /// Puts a vector of m.columns elements into the order in which m's are read.
    void arrange(const MatrixView& m, float* x) const;
};

PanelKernels floatPanelKernels(KernelSet set);
RowKernels rowKernels(KernelSet set);
RowDots rowDots(KernelSet set);
/// For operands that are bfloat16 or read as such.
PanelKernels bfloat16PanelKernels(KernelSet set);

/// True where the processor has instructions for bfloat16 products.
bool processorMultipliesBfloat16();
/// True where it also has matrix tiles for them, and the system lets this process use these.
bool processorHasAmx();

} // namespace lorikeet
