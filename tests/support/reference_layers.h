// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

#include "core/backend/operations.h"
#include "tests/support/reference_gradient.h"

/// The formulas of core/backend/backend.h in double, one scalar at a time.
namespace lorikeet::reference {

/// 1 / sqrt(mean(x^2) + epsilon) of each row.
Values rmsNormRstd(const Values& x, std::size_t columns, double epsilon);
Values rmsNorm(const Values& x, const Values& weight, double epsilon);

/// cosines, sines [P, pairs]; x [T, heads * headDim].
Values rope(const Values& x, std::size_t headDim, const Values& cosines, const Values& sines, std::size_t pairs,
            const std::vector<int32_t>& positions, bool inverse);

Values gated(Activation activation, const Values& gate, const Values& up);

/// The losses of rows of logits.
Values crossEntropy(const Values& logits, const std::vector<int32_t>& targets);

/// y[t, n] = sum over k of x[t, k] w[n, k].
Values matmul(const Values& x, const Values& w, std::size_t inner);
/// [rows, columns] to [columns, rows].
Values transposed(const Values& x, std::size_t columns);

} // namespace lorikeet::reference
