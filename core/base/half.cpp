// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/half.h"

namespace lorikeet {

float float16ToFloat(uint16_t bits) {
    const uint32_t sign = uint32_t(bits & 0x8000u) << 16;
    const uint32_t exponent = (bits >> 10) & 0x1fu;
    const uint32_t mantissa = bits & 0x3ffu;
    if (exponent == 0) {
        const float magnitude = float(mantissa) * 0x1p-24f;
        return std::bit_cast<float>(std::bit_cast<uint32_t>(magnitude) | sign);
    }
    // 112 is the difference of the two exponent biases, 127 - 15.
    const uint32_t wideExponent = exponent == 31 ? 255 : exponent + 112;
    return std::bit_cast<float>(sign | (wideExponent << 23) | (mantissa << 13));
}

uint16_t floatToFloat16(float value) {
    const uint32_t bits = std::bit_cast<uint32_t>(value);
    const uint32_t sign = (bits >> 16) & 0x8000u;
    const uint32_t magnitude = bits & 0x7fffffffu;
    if (magnitude > 0x7f800000u)
        return uint16_t(sign | 0x7e00u | ((magnitude >> 13) & 0x3ffu));
    constexpr uint32_t kHalfwayToInfinity = 0x477ff000u; // 65520
    if (magnitude >= kHalfwayToInfinity)
        return uint16_t(sign | 0x7c00u);
    constexpr uint32_t kSmallestNormal = 0x38800000u; // 2^-14
    if (magnitude < kSmallestNormal) {
        // Next to 0.5 a float32 has steps of 2^-24, the subnormal step of float16: the addition rounds as wanted.
        const float shifted = std::bit_cast<float>(magnitude) + 0.5f;
        return uint16_t(sign | (std::bit_cast<uint32_t>(shifted) - std::bit_cast<uint32_t>(0.5f)));
    }
    const uint32_t rounded = magnitude + 0xfffu + ((magnitude >> 13) & 1u) - (112u << 23);
    return uint16_t(sign | (rounded >> 13));
}

} // namespace lorikeet
