// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/base/error.h"
#include "core/quant/quantize.h"

namespace lorikeet {

namespace {

/// NormalFloat (QLoRA, section 3 and appendix E), as published, each literal exactly a float32.
constexpr std::array<float, 16> kNf4{
    -1.0f,
    -0.6961928009986877f,
    -0.5250730514526367f,
    -0.39491748809814453f,
    -0.28444138169288635f,
    -0.18477343022823334f,
    -0.09105003625154495f,
    0.0f,
    0.07958029955625534f,
    0.16093020141124725f,
    0.24611230194568634f,
    0.33791524171829224f,
    0.44070982933044434f,
    0.5626170039176941f,
    0.7229568362236023f,
    1.0f,
};

/// Sign, then two bits of exponent and one of mantissa, scaled to 1; bitsandbytes' order of codes.
constexpr std::array<float, 16> fp4Codebook() {
    constexpr std::array<float, 8> twelfths{0.0f, 0.0625f, 8.0f, 12.0f, 4.0f, 6.0f, 2.0f, 3.0f};
    std::array<float, 16> values{};
    for (std::size_t i = 0; i < 8; ++i) {
        values[i] = twelfths[i] / 12.0f;
        values[i + 8] = 0.0f - values[i]; // the zero of both signs is +0
    }
    return values;
}

/// Code c + 8 stands for c / 7. Code 0 is never made; it stands for what the formula gives.
constexpr std::array<float, 16> int4Codebook() {
    std::array<float, 16> values{};
    for (int code = 0; code < 16; ++code)
        values[std::size_t(code)] = float(code - 8) / 7.0f;
    return values;
}

constexpr std::array<float, 16> kFp4 = fp4Codebook();
constexpr std::array<float, 16> kInt4 = int4Codebook();

/// For each of seven powers of ten the midpoints of equal intervals of [0.1, 1], twice as many each time; zero; one.
std::array<float, 256> makeDynamicMap(bool isSigned) {
    constexpr double kPowersOfTen[] = {1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1e0};
    std::array<float, 256> map{};
    std::size_t count = 0;
    for (int exponent = 0; exponent < 7; ++exponent) {
        const int intervals = 1 << (isSigned ? exponent : exponent + 1);
        for (int i = 0; i < intervals; ++i) {
            const double midpoint = 0.1 + 0.9 * (i + 0.5) / intervals;
            const float value = float(midpoint * kPowersOfTen[exponent]);
            map[count++] = value;
            if (isSigned)
                map[count++] = -value;
        }
    }
    map[count++] = 0.0f;
    map[count++] = 1.0f;
    std::ranges::sort(map);
    return map;
}

} // namespace

const std::array<float, 16>& codebook(QuantType type) {
    switch (type) {
    case QuantType::Nf4:
        return kNf4;
    case QuantType::Fp4:
        return kFp4;
    case QuantType::Int4:
        return kInt4;
    default:
        fail(ErrorCode::InvalidArgument, "codebook: {} is not a 4-bit type", quantTypeName(type));
    }
}

const std::array<float, 256>& dynamicMap(bool isSigned) {
    static const std::array<float, 256> signedMap = makeDynamicMap(true);
    static const std::array<float, 256> unsignedMap = makeDynamicMap(false);
    return isSigned ? signedMap : unsignedMap;
}

uint8_t nearestCode(std::span<const float, 256> map, float value) {
    const auto above = std::ranges::upper_bound(map, value);
    if (above == map.begin())
        return 0;
    if (above == map.end())
        return 255;
    const std::size_t upper = std::size_t(above - map.begin());
    const float middle = (map[upper - 1] + map[upper]) * 0.5f;
    if (value != middle)
        return uint8_t(value > middle ? upper : upper - 1);
    return uint8_t(upper % 2 == 0 ? upper : upper - 1);
}

} // namespace lorikeet
