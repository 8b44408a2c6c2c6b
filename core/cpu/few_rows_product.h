// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cpu/matrix_kernels.h"

namespace lorikeet {

/// y(i, j) = or += alpha * row i of m . row j of `few`, where `few` (f32 [count, m.columns], contiguous) has so few
/// rows that they stay in cache while m is read once, without packing.
void multiplyByFewRows(ExecutionContext& context, ThreadPool& pool, const RowKernels& kernels, const MatrixView& m,
                       const float* few, int64_t count, const ProductOutput& y);
/// The workspace of such a product on a pool of so many threads, in bytes.
int64_t fewRowsWorkspace(int64_t count, int threads);

/// The same for up to four vectors, x of F32 or BF16 [count, m.columns], and a matrix that `dots` can read.
void multiplyByVectors(ExecutionContext& context, ThreadPool& pool, const RowKernels& kernels, const RowDots& dots,
                       const MatrixView& m, const MatrixView& x, const ProductOutput& y);

} // namespace lorikeet
