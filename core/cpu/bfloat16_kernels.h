// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cpu/matrix_kernels.h"

namespace lorikeet {

/// Kernels on panels of bfloat16 pairs, of processors that multiply these.
PanelKernels avx512Bfloat16Kernels();
/// Only where processorHasAmx() was asked and told so.
PanelKernels amxKernels();

/// As PanelKernels say, for panels of up to 32 columns.
void packPairsAlongRows(const MatrixView& m, int64_t row, int64_t rows, int64_t column, int64_t depth, int width,
                        float* panel);
void packPairsDownColumns(const MatrixView& m, int64_t row, int64_t depth, int64_t column, int64_t columns, int width,
                          float* panel);

} // namespace lorikeet
