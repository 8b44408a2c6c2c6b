// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace lorikeet {

/// A dynamic map as kernels use it.
struct MomentMap {
    std::array<float, 256> values;
    /// begins[code]: the least float whose nearest code is `code` or one above; of code 0 not used.
    std::array<float, 256> begins;
};

/// The map of first moments (signed) or of second ones.
const MomentMap& momentMap(bool isSigned);

/// A run of whole blocks of adamW8Bit()'s moments, but perhaps the last one.
struct MomentBlocks {
    uint8_t* m;
    float* mAbsmax;
    uint8_t* v;
    float* vAbsmax;
};

} // namespace lorikeet
