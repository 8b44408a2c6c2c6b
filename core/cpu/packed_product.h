// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cpu/matrix_kernels.h"

namespace lorikeet {

/// One side of a product: its vectors (that the summed dimension runs along) are rows of m, or columns of m.
struct ProductOperand {
    MatrixView m;
    bool alongRows = true;

    int64_t vectors() const { return alongRows ? m.rows : m.columns; }
    int64_t depth() const { return alongRows ? m.columns : m.rows; }
};

/// y(i, j) = or += alpha * vector i of a . vector j of b, by packed panels. The sum of each element runs in the order
/// of the summed dimension, so that no cut of the work changes a bit. Works best where b has 32 vectors or more.
void multiplyPacked(ExecutionContext& context, ThreadPool& pool, const PanelKernels& panels, const RowKernels& rows,
                    const ProductOperand& a, const ProductOperand& b, const ProductOutput& y);
/// The workspace of such a product on a pool of so many threads, in bytes.
int64_t packedWorkspace(const PanelKernels& panels, const ProductOperand& a, const ProductOperand& b, int threads);

} // namespace lorikeet
