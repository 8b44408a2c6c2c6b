// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tensor/quantized_tensor.h"

namespace lorikeet {

/// What becomes of a weight's values when they are read: kept as float32, or rounded to bfloat16 (and still stored as
/// float32).
enum class ReadAs : uint8_t { Float32, Bfloat16 };

/// Reads a weight of this process's memory as float32, elements in the flattened order of [N, K]. Views the weight
/// only; any number of threads.
class WeightReader {
public:
    WeightReader(const Weight& weight, ReadAs readAs) : m_weight(weight), m_readAs(readAs) {}

    /// values[i] = element first + i of the weight, for i < count.
    void read(int64_t first, int64_t count, float* values) const;
    /// The scale of a block of a quantized weight.
    float absmax(int64_t block) const;

private:
    void readDense(int64_t first, int64_t count, float* values) const;
    void readBlock(int64_t block, int64_t first, int64_t count, float* values) const;

    Weight m_weight;
    ReadAs m_readAs;
};

} // namespace lorikeet
