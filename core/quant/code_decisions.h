// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>

#include "core/tensor/quantized_tensor.h"

namespace lorikeet {

/// How a value finds its code: it begins as the lowest, and each midpoint that lies strictly below it adds a step.
struct CodeDecisions {
    int32_t lowestCode;
    std::array<float, 15> midpoints; ///< of neighbouring values, ascending, in float32
    std::array<int32_t, 15> steps;
};

/// For Nf4 and Fp4.
const CodeDecisions& codeDecisions(QuantType type);

} // namespace lorikeet
