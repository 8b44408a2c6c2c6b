// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <bit>
#include <cstdint>

namespace lorikeet {

/// The upper half of an IEEE float32, as stored.
using Bfloat16Bits = uint16_t;

inline float bfloat16ToFloat(Bfloat16Bits bits) {
    return std::bit_cast<float>(uint32_t(bits) << 16);
}

/// Rounds to nearest, ties to even; a NaN stays a (quiet) NaN.
inline Bfloat16Bits floatToBfloat16(float value) {
    const uint32_t bits = std::bit_cast<uint32_t>(value);
    if ((bits & 0x7fffffffu) > 0x7f800000u)
        return Bfloat16Bits((bits >> 16) | 0x40u);
    return Bfloat16Bits((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

inline float roundToBfloat16(float value) {
    return bfloat16ToFloat(floatToBfloat16(value));
}

/// IEEE binary16 to float, exactly.
float float16ToFloat(uint16_t bits);
/// Rounds to nearest, ties to even; overflow gives infinity.
uint16_t floatToFloat16(float value);

} // namespace lorikeet
