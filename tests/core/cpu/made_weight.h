// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/tensor/quantized_tensor.h"

namespace lorikeet {

/// What a made weight is like.
struct WeightForm {
    QuantType type = QuantType::None;
    DType dense = DType::F32; ///< where type is None
    int blocksize = 64;
    bool doubleQuantized = false;

    std::string text() const;
};

/// All forms that a weight can have, each with the blocksizes worth a case.
std::vector<WeightForm> allWeightForms();

/// A weight of random codes in this process's memory, and its values element by element, straight from the definition.
class MadeWeight {
public:
    MadeWeight(const WeightForm& form, int64_t rows, int64_t columns, uint32_t seed);
    MadeWeight(const MadeWeight&) = delete;
    MadeWeight& operator=(const MadeWeight&) = delete;

    const Weight& weight() const { return m_weight; }
    /// Element i as the kernels must see it: float32, or rounded to bfloat16.
    float value(int64_t i, bool rounded) const;

private:
    void makeDense(const WeightForm& form, const Shape& shape, uint32_t seed);
    void makeQuantized(const WeightForm& form, const Shape& shape, uint32_t seed);

    Weight m_weight;
    std::vector<float> m_values;
    std::vector<uint16_t> m_halves;
    std::vector<uint8_t> m_codes;
    std::vector<float> m_absmax;
    std::vector<uint8_t> m_nestedCodes;
    std::vector<float> m_nestedAbsmax;
    std::vector<float> m_nestedMap;
    std::vector<float> m_codebook;
};

/// `count` reproducible values in [-1, 1).
std::vector<float> madeValues(int64_t count, uint32_t seed);

} // namespace lorikeet
