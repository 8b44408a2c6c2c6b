// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "core/base/half.h"

namespace lorikeet {
namespace {

/// The value of a finite float16 from its definition: sign * mantissa * 2^exponent, in double.
double float16ByDefinition(uint16_t bits) {
    const double sign = bits & 0x8000 ? -1.0 : 1.0;
    const int exponent = (bits >> 10) & 31;
    const int mantissa = bits & 1023;
    return exponent == 0 ? sign * std::ldexp(mantissa, -24) : sign * std::ldexp(1024 + mantissa, exponent - 25);
}

TEST(Float16, EveryFinitePatternHasItsValueAndComesBack) {
    for (uint32_t bits = 0; bits < 0x10000; ++bits) {
        if ((bits & 0x7c00) == 0x7c00)
            continue;
        const float value = float16ToFloat(uint16_t(bits));
        ASSERT_EQ(double(value), float16ByDefinition(uint16_t(bits))) << bits;
        ASSERT_EQ(std::signbit(value), (bits & 0x8000) != 0) << bits;
        ASSERT_EQ(floatToFloat16(value), bits);
    }
}

TEST(Float16, RoundsToNearestWithTiesToEven) {
    for (uint32_t bits = 0; bits < 0x7bff; ++bits) {
        const double low = float16ByDefinition(uint16_t(bits));
        const double high = float16ByDefinition(uint16_t(bits + 1));
        const float middle = float((low + high) / 2); // exact: one bit more than float16 has
        ASSERT_EQ(floatToFloat16(middle), bits + (bits & 1)) << bits;
        ASSERT_EQ(floatToFloat16(std::nextafter(middle, 0.0f)), bits);
        ASSERT_EQ(floatToFloat16(-std::nextafter(middle, 1e9f)), 0x8000 | (bits + 1));
    }
}

TEST(Float16, OverflowIsInfinityFromHalfwayOn) {
    EXPECT_EQ(floatToFloat16(65519.996f), 0x7bff);
    EXPECT_EQ(floatToFloat16(65520.0f), 0x7c00);
    EXPECT_EQ(floatToFloat16(-1e30f), 0xfc00);
    EXPECT_EQ(floatToFloat16(1e-30f), 0);
    EXPECT_EQ(float16ToFloat(0x7c00), std::numeric_limits<float>::infinity());
    EXPECT_EQ(float16ToFloat(0xfc00), -std::numeric_limits<float>::infinity());
}

TEST(Float16, NanStaysNan) {
    EXPECT_TRUE(std::isnan(float16ToFloat(0x7e00)));
    EXPECT_TRUE(std::isnan(float16ToFloat(0x7c01)));
    EXPECT_TRUE(std::isnan(float16ToFloat(floatToFloat16(std::numeric_limits<float>::quiet_NaN()))));
    EXPECT_TRUE(std::isnan(float16ToFloat(floatToFloat16(std::bit_cast<float>(0x7f800001u)))));
}

TEST(Bfloat16, RoundsToNearestWithTiesToEven) {
    EXPECT_EQ(floatToBfloat16(std::bit_cast<float>(0x3f808000u)), 0x3f80);
    EXPECT_EQ(floatToBfloat16(std::bit_cast<float>(0x3f818000u)), 0x3f82);
    EXPECT_EQ(floatToBfloat16(std::bit_cast<float>(0x3f808001u)), 0x3f81);
    EXPECT_EQ(floatToBfloat16(std::numeric_limits<float>::max()), 0x7f80);
    EXPECT_TRUE(std::isnan(roundToBfloat16(std::bit_cast<float>(0x7f800001u))));
}

} // namespace
} // namespace lorikeet
