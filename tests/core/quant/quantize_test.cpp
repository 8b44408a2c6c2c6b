// SPDX-License-Identifier: GPL-3.0-or-later
#include <bit>
#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/random.h"
#include "core/base/thread_pool.h"
#include "core/quant/quantize.h"
#include "tests/support/errors.h"

namespace lorikeet {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<float> randomValues(std::size_t count, uint64_t seed = 1) {
    const RandomStream random{seed};
    std::vector<float> values(count);
    for (std::size_t i = 0; i < count; ++i)
        values[i] = random.normal(i) * (i % 97 == 0 ? 10.0f : 1.0f);
    return values;
}

QuantizedData quantizeVector(const std::vector<float>& values, const QuantizationSpec& spec, int threads = 1) {
    ThreadPool pool(threads);
    return quantize(values, {int64_t(values.size())}, spec, pool);
}

int codeAt(const QuantizedData& data, std::size_t i) {
    if (!isFourBit(data.spec.type))
        return int8_t(data.codes[i]);
    return i % 2 == 0 ? data.codes[i / 2] >> 4 : data.codes[i / 2] & 15;
}

constexpr QuantType kTypes[] = {QuantType::Nf4, QuantType::Fp4, QuantType::Int4, QuantType::Int8};

TEST(Int4, RoundsHalfToEvenOverSevenLevels) {
    std::vector<float> values(32, 0.0f);
    const std::vector<float> sevenths{7, 0.5f, 1.5f, 2.5f, -0.5f, -1.5f, -6.5f, 3.49f, 3.51f, -7};
    const std::vector<int> codes{7, 0, 2, 2, 0, -2, -6, 3, 4, -7};
    std::copy(sevenths.begin(), sevenths.end(), values.begin());
    const QuantizedData data = quantizeVector(values, {QuantType::Int4, 32, false});
    for (std::size_t i = 0; i < sevenths.size(); ++i)
        EXPECT_EQ(codeAt(data, i), codes[i] + 8) << sevenths[i];
    std::vector<float> back(32);
    dequantize(data, back);
    EXPECT_EQ(back[2], 2.0f / 7.0f * 7.0f);
    EXPECT_EQ(back[31], 0.0f);
}

TEST(Int8, RoundsHalfToEvenOver127Levels) {
    std::vector<float> values(32, 0.0f);
    const std::vector<float> steps{127, 0.5f, 1.5f, -2.5f, 126.4f, -127};
    const std::vector<int> codes{127, 0, 2, -2, 126, -127};
    std::copy(steps.begin(), steps.end(), values.begin());
    const QuantizedData data = quantizeVector(values, {QuantType::Int8, 32, false});
    for (std::size_t i = 0; i < steps.size(); ++i)
        EXPECT_EQ(codeAt(data, i), codes[i]) << steps[i];
    std::vector<float> back(32);
    dequantize(data, back);
    EXPECT_EQ(back[4], 126.0f / 127.0f * 127.0f);
}

TEST(Quantize, LinearCodesFollowTheirFormulaOnAnySize) {
    for (std::size_t count : {1u, 33u, 4097u, 70001u})
        for (QuantType type : {QuantType::Int4, QuantType::Int8}) {
            const float levels = type == QuantType::Int4 ? 7.0f : 127.0f;
            const std::vector<float> values = randomValues(count);
            const QuantizedData data = quantizeVector(values, {type, 128, false});
            for (std::size_t begin = 0; begin < count; begin += 128) {
                float absmax = 0;
                for (std::size_t i = begin; i < std::min<std::size_t>(begin + 128, count); ++i)
                    absmax = std::max(absmax, std::abs(values[i]));
                ASSERT_EQ(data.absmax[begin / 128], absmax);
                for (std::size_t i = begin; i < std::min<std::size_t>(begin + 128, count); ++i)
                    ASSERT_EQ(codeAt(data, i),
                              int(std::nearbyint(levels * values[i] / absmax)) + (levels == 7 ? 8 : 0));
            }
        }
}

TEST(Quantize, ZeroBlocksGiveZeros) {
    for (QuantType type : kTypes)
        for (bool nested : {false, true}) {
            const QuantizedData data = quantizeVector(std::vector<float>(300, 0.0f), {type, 64, nested});
            std::vector<float> back(300, 1.0f);
            dequantize(data, back);
            EXPECT_THAT(back, Each(0.0f)) << quantTypeName(type);
        }
}

TEST(Quantize, SubnormalAndHugeBlocksStayFinite) {
    for (QuantType type : kTypes)
        for (float largest : {std::numeric_limits<float>::denorm_min(), 1e-39f, std::numeric_limits<float>::max()}) {
            const QuantizedData data = quantizeVector({largest, -largest, 0.0f, largest / 2}, {type, 32, false});
            std::vector<float> back(4);
            dequantize(data, back);
            EXPECT_EQ(data.absmax[0], largest);
            for (float value : back)
                EXPECT_LE(std::abs(value), largest);
        }
}

TEST(Quantize, OddLastElementSharesItsByteWithAZero) {
    const std::vector<float> values{1.0f, -1.0f, 1.0f};
    EXPECT_THAT(quantizeVector(values, {QuantType::Nf4, 64, false}).codes, ElementsAre(0xf0, 0xf7));
    EXPECT_THAT(quantizeVector(values, {QuantType::Fp4, 64, false}).codes, ElementsAre(0x3b, 0x30));
    EXPECT_THAT(quantizeVector(values, {QuantType::Int4, 64, false}).codes, ElementsAre(0xf1, 0xf8));
    EXPECT_THAT(quantizeVector(values, {QuantType::Int8, 64, false}).codes, ElementsAre(127, 129, 127));
}

TEST(Quantize, TailBlockHasItsOwnScale) {
    std::vector<float> values(70, 2.0f);
    values[64] = 0.25f;
    for (std::size_t i = 65; i < 70; ++i)
        values[i] = 0.5f;
    EXPECT_THAT(quantizeVector(values, {QuantType::Nf4, 64, false}).absmax, ElementsAre(2.0f, 0.5f));
}

TEST(Quantize, NothingGivesNothing) {
    for (bool nested : {false, true}) {
        const QuantizedData data = quantizeVector({}, {QuantType::Nf4, 64, nested});
        EXPECT_TRUE(data.codes.empty() && data.absmax.empty() && data.nestedCodes.empty());
        dequantize(data, {});
    }
}

TEST(Quantize, ErrorStaysWithinHalfTheWidestGap) {
    // Half of the widest gap between neighbouring values, relative to absmax.
    const std::pair<QuantType, float> bounds[] = {
        {QuantType::Nf4, 0.1520f}, {QuantType::Fp4, 0.1667f}, {QuantType::Int4, 0.0715f}, {QuantType::Int8, 0.00394f}};
    const std::vector<float> values = randomValues(10000);
    for (const auto& [type, bound] : bounds) {
        const QuantizedData data = quantizeVector(values, {type, 64, false});
        std::vector<float> back(values.size());
        dequantize(data, back);
        for (std::size_t i = 0; i < values.size(); ++i)
            ASSERT_LE(std::abs(back[i] - values[i]), bound * data.absmax[i / 64]) << quantTypeName(type);
    }
}

TEST(Quantize, SameBitsOnAnyNumberOfThreadsAndFromASource) {
    const std::vector<float> values = randomValues(200001);
    for (QuantType type : kTypes) {
        const QuantizationSpec spec{type, 64, true};
        const QuantizedData one = quantizeVector(values, spec, 1);
        const QuantizedData three = quantizeVector(values, spec, 3);
        EXPECT_EQ(one.codes, three.codes);
        EXPECT_EQ(one.nestedCodes, three.nestedCodes);
        EXPECT_EQ(one.nestedAbsmax, three.nestedAbsmax);
        ThreadPool pool(2);
        const auto source = [&](int64_t first, std::span<float> out) {
            std::copy_n(values.begin() + first, out.size(), out.begin());
        };
        const QuantizedData fromSource = quantize(source, {3, 66667}, spec, pool);
        EXPECT_EQ(one.codes, fromSource.codes);
        EXPECT_EQ(one.nestedCodes, fromSource.nestedCodes);
    }
}

TEST(Quantize, NotFiniteIsRefusedByElement) {
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    for (float bad : {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::quiet_NaN(), kInfinity,
                      -kInfinity, std::bit_cast<float>(0x7f800001u)})
        for (std::size_t at : {0u, 31u, 40000u, 40010u}) {
            std::vector<float> values = randomValues(40011);
            values[at] = bad;
            const Error error = errorOf([&] { quantizeVector(values, {}, 2); });
            EXPECT_EQ(error.code(), ErrorCode::InvalidArgument);
            EXPECT_THAT(error.message(), HasSubstr(fmt::format("element {} is", at)));
        }
}

TEST(Quantize, ImpossibleSpecsAreRefused) {
    for (int blocksize : {-64, 0, 16, 48, 8192})
        EXPECT_EQ(errorOf([&] {
                      quantizeVector({1}, {QuantType::Nf4, blocksize, false});
                  }).code(),
                  ErrorCode::InvalidArgument);
    for (QuantType type : {QuantType::None, QuantType::Q8_0})
        EXPECT_EQ(errorOf([&] { quantizeVector({1}, {type, 64, false}); }).code(), ErrorCode::InvalidArgument);
    ThreadPool pool(1);
    EXPECT_EQ(errorOf([&] { quantize(std::vector<float>(3), {4}, {}, pool); }).code(), ErrorCode::InvalidArgument);
}

TEST(DoubleQuantization, NestedCodesAreTheNearestOfTheMap) {
    const std::vector<float> values = randomValues(64 * 1000 + 5);
    const QuantizedData plain = quantizeVector(values, {QuantType::Nf4, 64, false});
    const QuantizedData nested = quantizeVector(values, {QuantType::Nf4, 64, true});
    EXPECT_TRUE(nested.absmax.empty());
    EXPECT_EQ(nested.codes, plain.codes);
    ASSERT_EQ(nested.nestedCodes.size(), 1001u);
    ASSERT_EQ(nested.nestedAbsmax.size(), 4u);
    double mean = 0;
    for (float scale : plain.absmax)
        mean += scale / 1001.0;
    EXPECT_NEAR(nested.nestedOffset, mean, 1e-6);
    for (std::size_t i = 0; i < 1001; ++i) {
        const float largest = nested.nestedAbsmax[i / 256];
        const float target = (plain.absmax[i] - nested.nestedOffset) * (1.0f / largest);
        const auto distance = [&](std::size_t code) { return std::abs(double(nested.nestedMap[code]) - target); };
        for (std::size_t code = 0; code < 256; ++code)
            ASSERT_LE(distance(nested.nestedCodes[i]), distance(code) + 1e-9) << i;
    }
}

TEST(DoubleQuantization, EqualScalesComeBackExactly) {
    const QuantizedData data = quantizeVector(std::vector<float>(64 * 300, 0.75f), {QuantType::Nf4, 64, true});
    EXPECT_THAT(data.nestedCodes, Each(127));
    EXPECT_THAT(blockScales(data), Each(0.75f));
}

TEST(DynamicMap, NearestTakesTheEvenIndexHalfway) {
    std::array<float, 256> map;
    for (int i = 0; i < 256; ++i)
        map[std::size_t(i)] = float(i);
    EXPECT_EQ(nearestCode(map, 6.5f), 6);
    EXPECT_EQ(nearestCode(map, 7.5f), 8);
    EXPECT_EQ(nearestCode(map, 7.499f), 7);
    EXPECT_EQ(nearestCode(map, 7.0f), 7);
    EXPECT_EQ(nearestCode(map, -5.0f), 0);
    EXPECT_EQ(nearestCode(map, 300.0f), 255);
}

TEST(DynamicMap, HasZeroWhereThePaperHasIt) {
    EXPECT_EQ(dynamicMap(true)[127], 0.0f);
    EXPECT_EQ(dynamicMap(true)[255], 1.0f);
    EXPECT_EQ(dynamicMap(false)[0], 0.0f);
    EXPECT_EQ(dynamicMap(false)[255], 1.0f);
}

TEST(Q8_0, KeepsCodesAndScales) {
    std::string bytes;
    for (int block = 0; block < 2; ++block) {
        bytes += block == 0 ? std::string("\x00\x3c", 2) : std::string("\x00\x38", 2); // 1.0 and 0.5 in float16
        for (int i = 0; i < 32; ++i)
            bytes += char(i - 16);
    }
    const auto span = std::as_bytes(std::span(bytes));
    const QuantizedData data = fromQ8_0(span, {2, 32});
    EXPECT_EQ(data.spec.type, QuantType::Q8_0);
    std::vector<float> values(64);
    dequantize(data, values);
    EXPECT_EQ(values[0], -16.0f);
    EXPECT_EQ(values[63], 7.5f);
    EXPECT_EQ(errorOf([&] { fromQ8_0(span, {3, 32}); }).code(), ErrorCode::InvalidArgument);
    EXPECT_EQ(errorOf([&] { fromQ8_0(span, {63}); }).code(), ErrorCode::InvalidArgument);
    bytes[1] = 0x7c; // infinity
    EXPECT_EQ(errorOf([&] { fromQ8_0(span, {2, 32}); }).code(), ErrorCode::InvalidArgument);
}

} // namespace
} // namespace lorikeet
