// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"

#include <cmath>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace lorikeet {
namespace {

using Words = std::array<uint32_t, 4>;
__extension__ using WideInteger = unsigned __int128;

TEST(Philox, GivesThePublishedKnownAnswers) {
    EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
    EXPECT_EQ(philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
              (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
    EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
              (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(RandomStream, IsTheSequenceThatItsNameSays) {
    const RandomStream stream{0x0123456789abcdefull, RandomPurpose::Dropout, 7, 42};
    EXPECT_EQ(stream.words(5), philox4x32({5, 3u << 24, 7, 42}, {0x89abcdef, 0x01234567}));
    EXPECT_EQ(stream.words((uint64_t(9) << 32) + 5), philox4x32({5, (3u << 24) | 9, 7, 42}, {0x89abcdef, 0x01234567}));
    for (uint64_t i = 0; i < 16; ++i) {
        EXPECT_EQ(stream.word(i), stream.words(i / 4)[i % 4]);
        EXPECT_EQ(stream.uniform(i), float(stream.word(i) >> 8) / 16777216.0f);
    }
}

TEST(RandomStream, EveryPartOfItsNameChangesTheNumbers) {
    const RandomStream base{1, RandomPurpose::Shuffle, 2, 3};
    std::set<Words> seen = {base.words(0)};
    for (RandomStream other :
         {RandomStream{2, RandomPurpose::Shuffle, 2, 3},
          RandomStream{1 + (uint64_t(1) << 32), RandomPurpose::Shuffle, 2, 3},
          RandomStream{1, RandomPurpose::Dropout, 2, 3}, RandomStream{1, RandomPurpose::Shuffle, 3, 3},
          RandomStream{1, RandomPurpose::Shuffle, 2, 4}})
        EXPECT_TRUE(seen.insert(other.words(0)).second);
    EXPECT_TRUE(seen.insert(base.words(1)).second);
}

TEST(RandomStream, UniformAndNormalHaveTheirMoments) {
    const RandomStream stream{11, RandomPurpose::AdapterInit, 0, 0};
    constexpr int kCount = 100000;
    double uniformSum = 0, normalSum = 0, normalSquares = 0, normalFourth = 0;
    for (uint64_t i = 0; i < kCount; ++i) {
        const double u = stream.uniform(i), z = stream.normal(i);
        ASSERT_GE(u, 0.0);
        ASSERT_LT(u, 1.0);
        ASSERT_TRUE(std::isfinite(z));
        uniformSum += u;
        normalSum += z;
        normalSquares += z * z;
        normalFourth += z * z * z * z;
    }
    EXPECT_NEAR(uniformSum / kCount, 0.5, 0.005);
    EXPECT_NEAR(normalSum / kCount, 0.0, 0.015);
    EXPECT_NEAR(normalSquares / kCount, 1.0, 0.02);
    EXPECT_NEAR(normalFourth / kCount, 3.0, 0.15);
}

TEST(RandomStream, BelowStaysBelowItsBoundAndReachesEveryValue) {
    const RandomStream stream{3, RandomPurpose::Shuffle, 0, 0};
    std::vector<int> counts(7);
    for (uint64_t i = 0; i < 7000; ++i)
        ++counts.at(stream.below(i, 7));
    for (int count : counts)
        EXPECT_NEAR(count, 1000, 150);
    EXPECT_EQ(stream.below(0, 1), 0u);
    // The upper half of a 128-bit product: what a wide integer gives.
    for (uint64_t i = 0; i < 100; ++i) {
        const uint64_t bound = 0xfedcba9876543210ull - i;
        const uint64_t value = (uint64_t(stream.word(2 * i)) << 32) | stream.word(2 * i + 1);
        EXPECT_EQ(stream.below(i, bound), uint64_t((WideInteger(value) * bound) >> 64));
    }
}

} // namespace
} // namespace lorikeet
