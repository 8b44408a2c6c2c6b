// SPDX-License-Identifier: GPL-3.0-or-later
// Against what bitsandbytes wrote: tests/data/make_bitsandbytes_goldens.py.
#include <algorithm>
#include <cmath>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "core/base/thread_pool.h"
#include "core/formats/safetensors.h"
#include "core/quant/quantize.h"
#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

class Bitsandbytes : public testing::Test {
protected:
    std::vector<float> floats(const std::string& name) const {
        const TensorRecord& record = m_file->at(name);
        std::vector<float> values(std::size_t(record.elements()));
        decode(record, 0, values);
        return values;
    }
    std::vector<uint8_t> bytes(const std::string& name) const {
        const auto stored = m_file->at(name).bytes;
        const auto* begin = reinterpret_cast<const uint8_t*>(stored.data());
        return {begin, begin + stored.size()};
    }
    QuantizedData quantizePrefix(std::vector<float> values, std::size_t length, const QuantizationSpec& spec) {
        values.resize(length);
        return quantize(values, {int64_t(length)}, spec, m_pool);
    }

    /// Calls compare(ours, codes, absmax) for each case of a type.
    template <typename Compare>
    void forEachCase(QuantType type, const Compare& compare) {
        int cases = 0;
        for (const std::string input : {"f32", "bf16"})
            for (int blocksize : {32, 64, 256, 4096})
                for (int length : {1, 2, 33, 63, 255, 777, 4097, 4099, 8191}) {
                    const std::string name = fmt::format("{}.{}.{}.{}", quantTypeName(type), input, blocksize, length);
                    if (!m_file->find(name + ".codes"))
                        continue;
                    SCOPED_TRACE(name);
                    const QuantizedData ours =
                        quantizePrefix(floats("input." + input), std::size_t(length), {type, blocksize, false});
                    compare(ours, bytes(name + ".codes"), floats(name + ".absmax"));
                    ++cases;
                }
        EXPECT_EQ(cases, 24);
    }

    std::unique_ptr<TensorFile> m_file = openSafetensors(sourceFile("tests/data/quant/bitsandbytes.safetensors"));
    ThreadPool m_pool{2};
};

/// The byte with negative zeros (code 8) made positive ones.
uint8_t withoutNegativeZeros(uint8_t pair) {
    if (pair >> 4 == 8)
        pair &= 0x0f;
    return (pair & 0x0f) == 8 ? pair & 0xf0 : pair;
}

TEST_F(Bitsandbytes, Nf4CodesAreEqualByteForByte) {
    forEachCase(QuantType::Nf4, [](const QuantizedData& ours, const auto& codes, const auto& absmax) {
        EXPECT_EQ(ours.absmax, absmax);
        EXPECT_EQ(ours.codes, codes);
    });
}

TEST_F(Bitsandbytes, Fp4CodesAreEqualButForTheSignOfZero) {
    forEachCase(QuantType::Fp4, [](const QuantizedData& ours, auto codes, const auto& absmax) {
        for (uint8_t& pair : codes)
            pair = withoutNegativeZeros(pair);
        EXPECT_EQ(ours.absmax, absmax);
        EXPECT_EQ(ours.codes, codes);
    });
}

TEST_F(Bitsandbytes, DecisionsAndTheirNeighboursFallAlike) {
    for (QuantType type : {QuantType::Nf4, QuantType::Fp4}) {
        const std::string name = fmt::format("ties.{}", quantTypeName(type));
        const std::vector<float> values = floats(name);
        std::vector<uint8_t> codes = bytes(name + ".codes");
        if (type == QuantType::Fp4)
            for (uint8_t& pair : codes)
                pair = withoutNegativeZeros(pair);
        EXPECT_EQ(quantizePrefix(values, values.size(), {type, 64, false}).codes, codes);
    }
}

TEST(Nf4, RoundsTiesTowardTheLowerCode) {
    const std::array<float, 16>& values = codebook(QuantType::Nf4);
    ThreadPool pool(1);
    for (std::size_t i = 0; i + 1 < 16; ++i) {
        const float middle = (values[i] + values[i + 1]) / 2;
        const std::vector<float> block{1.0f, middle, std::nextafter(middle, 2.0f), std::nextafter(middle, -2.0f)};
        const QuantizedData data = quantize(block, {4}, {QuantType::Nf4, 32, false}, pool);
        EXPECT_EQ(data.codes[0], 0xf0 | i);
        EXPECT_EQ(data.codes[1], (i + 1) << 4 | i);
    }
}

TEST_F(Bitsandbytes, AZeroBlockHasTheSameCodes) {
    std::vector<float> values(128, 0.0f);
    std::fill(values.begin() + 64, values.end(), 0.5f);
    EXPECT_EQ(quantizePrefix(values, 128, {QuantType::Nf4, 64, false}).codes, bytes("zeros.codes"));
}

TEST_F(Bitsandbytes, DoubleQuantizationComesCloseToItsValues) {
    for (QuantType type : {QuantType::Nf4, QuantType::Fp4}) {
        const std::vector<float> input = floats("input.f32");
        const QuantizedData ours = quantizePrefix(input, input.size(), {type, 64, true});
        std::vector<float> values(input.size());
        dequantize(ours, values);
        const std::vector<float> expected = floats(fmt::format("nested.{}.values", quantTypeName(type)));
        const float offset = floats(fmt::format("nested.{}.offset", quantTypeName(type)))[0];
        EXPECT_NEAR(ours.nestedOffset, offset, 1e-5f * offset);
        // Its codes are at times a neighbour of the nearest: one step of the map, which are 1.5 % of absmax2 apart.
        const float largest = *std::max_element(ours.nestedAbsmax.begin(), ours.nestedAbsmax.end());
        double difference = 0;
        double norm = 0;
        for (std::size_t i = 0; i < values.size(); ++i) {
            ASSERT_LE(std::abs(values[i] - expected[i]), 0.015f * largest) << i;
            difference += std::pow(double(values[i]) - expected[i], 2);
            norm += std::pow(double(expected[i]), 2);
        }
        EXPECT_LT(std::sqrt(difference / norm), 1e-3);
    }
}

TEST_F(Bitsandbytes, CodebooksAndMapsAreItsOwn) {
    for (QuantType type : {QuantType::Nf4, QuantType::Fp4}) {
        const std::vector<float> expected = floats(fmt::format("codebook.{}", quantTypeName(type)));
        for (std::size_t i = 0; i < 16; ++i)
            EXPECT_EQ(codebook(type)[i], expected[i]) << i;
    }
    for (bool isSigned : {true, false}) {
        const std::vector<float> expected = floats(isSigned ? "map.signed" : "map.unsigned");
        for (std::size_t i = 0; i < 256; ++i) // the last place depends on the machine that made the map
            EXPECT_NEAR(dynamicMap(isSigned)[i], expected[i], 3e-7 * std::abs(expected[i])) << i;
    }
}

/// The x of which the standard normal distribution's lower tail is p, by bisection of erfc.
double normalQuantile(double p) {
    double low = -10;
    double high = 10;
    for (int i = 0; i < 200; ++i) {
        const double middle = (low + high) / 2;
        (0.5 * std::erfc(-middle / std::sqrt(2.0)) < p ? low : high) = middle;
    }
    return low;
}

TEST(Nf4, TableFollowsFromNormalQuantiles) {
    // QLoRA, section 3: quantiles of equal probability, eight steps above zero and seven below, scaled to [-1, 1].
    const double outermost = 1 - (1.0 / 32 + 1.0 / 30) / 2;
    const double largest = normalQuantile(outermost);
    const std::array<float, 16>& table = codebook(QuantType::Nf4);
    for (int i = 0; i <= 8; ++i)
        EXPECT_NEAR(table[std::size_t(7 + i)], normalQuantile(0.5 + (outermost - 0.5) * i / 8) / largest, 1e-6);
    for (int i = 0; i <= 7; ++i)
        EXPECT_NEAR(table[std::size_t(7 - i)], -normalQuantile(0.5 + (outermost - 0.5) * i / 7) / largest, 1e-6);
}

} // namespace
} // namespace lorikeet
