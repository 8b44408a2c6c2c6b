// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/blocksize_allocation.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <optional>
#include <random>

#include <gtest/gtest.h>

namespace lorikeet {
namespace {

using Tensors = std::vector<std::vector<StorageChoice>>;

struct Sum {
    int64_t bytes = 0;
    double error = 0.0;
};

Sum sumOf(const Tensors& tensors, const std::vector<int>& choices) {
    Sum sum;
    for (std::size_t t = 0; t < tensors.size(); ++t) {
        sum.bytes += tensors[t][std::size_t(choices[t])].bytes;
        sum.error += tensors[t][std::size_t(choices[t])].error;
    }
    return sum;
}

/// The least error of all combinations that fit; none where none does.
std::optional<double> leastError(const Tensors& tensors, int64_t limit, std::size_t from = 0) {
    if (from == tensors.size())
        return limit < 0 ? std::nullopt : std::optional(0.0);
    std::optional<double> least;
    for (const StorageChoice& choice : tensors[from])
        if (const auto rest = leastError(tensors, limit - choice.bytes, from + 1); rest)
            least = std::min(least.value_or(std::numeric_limits<double>::infinity()), choice.error + *rest);
    return least;
}

/// What blocksizes cost: more bytes and less error by each, or anything at all.
Tensors randomTensors(std::mt19937& random, std::size_t count, bool isAnything) {
    std::uniform_real_distribution<double> uniform(0.0, 1.0);
    Tensors tensors(count);
    for (auto& choices : tensors) {
        const double size = std::floor(1.0 + 40.0 * uniform(random)), scale = std::exp(4.0 * uniform(random) - 2.0);
        const int sizes = 1 + int(6.0 * uniform(random));
        for (int i = 0; i < sizes; ++i) {
            const int64_t bytes = int64_t(64.0 * size) + (int64_t(size) << i);
            choices.push_back({bytes, scale * size * (10.0 - i + 0.5 * uniform(random))});
            if (isAnything)
                choices.back() = {int64_t(100.0 * uniform(random)), uniform(random) < 0.1 ? 0.0 : uniform(random)};
        }
    }
    return tensors;
}

TEST(BlocksizeAllocation, MakesTheLeastErrorOfAllCombinationsThatFit) {
    std::mt19937 random(1);
    int unlikeTheFirst = 0;
    for (int round = 0; round < 600; ++round) {
        const Tensors tensors = randomTensors(random, 1 + std::size_t(round) % 5, round % 3 == 0);
        int64_t least = 0, most = 0;
        for (const auto& choices : tensors) {
            const auto [small, large] = std::ranges::minmax(choices, {}, &StorageChoice::bytes);
            least += small.bytes;
            most += large.bytes;
        }
        for (int64_t part = -1; part <= 8; ++part) {
            const int64_t limit = least + (most - least) * part / 7 - (part < 0 ? 1 : 0);
            const std::vector<int> chosen = allocateBytes(tensors, limit);
            const std::optional<double> expected = leastError(tensors, limit);
            ASSERT_EQ(chosen.empty(), !expected.has_value());
            if (!expected)
                continue;
            ASSERT_EQ(chosen.size(), tensors.size());
            ASSERT_LE(sumOf(tensors, chosen).bytes, limit);
            ASSERT_NEAR(sumOf(tensors, chosen).error, *expected, 1e-8 * *expected + 1e-12)
                << "round " << round << ", limit " << limit;
            unlikeTheFirst += std::ranges::any_of(chosen, [](int choice) { return choice != 0; });
        }
    }
    EXPECT_GT(unlikeTheFirst, 2000);
}

TEST(BlocksizeAllocation, FillsTheBudgetOfALargeModelInLittleTime) {
    // 80 layers of 7 matrices, each in blocks of 32 to 4096, with errors as those of real weights fall.
    std::mt19937 random(7);
    std::uniform_real_distribution<double> uniform(0.0, 1.0);
    Tensors tensors;
    int64_t least = 0, most = 0;
    for (int tensor = 0; tensor < 560; ++tensor) {
        const int64_t elements = int64_t(8192) * (tensor % 7 < 4 ? 8192 : 28672);
        const double scale = double(elements) * std::exp(uniform(random));
        auto& choices = tensors.emplace_back();
        for (int blocksize = 32; blocksize <= 4096; blocksize *= 2)
            choices.push_back({elements / 2 + elements / blocksize,
                               scale * std::pow(std::log2(double(blocksize)), 1.0 + 0.2 * uniform(random))});
        least += choices.back().bytes;
        most += choices.front().bytes;
    }
    const auto begin = std::chrono::steady_clock::now();
    for (const double share : {0.1, 0.37, 0.9}) {
        const int64_t limit = least + int64_t(share * double(most - least));
        const Sum sum = sumOf(tensors, allocateBytes(tensors, limit));
        EXPECT_LE(sum.bytes, limit);
        EXPECT_GT(sum.bytes, limit - 8192 * 8192 / 64);
    }
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
    EXPECT_LT(time.count(), 60.0);
    RecordProperty("milliseconds", int(time.count() * 1000.0));
}

TEST(BlocksizeAllocation, TakesTheSmallestWhereNothingIsGained) {
    EXPECT_EQ(allocateBytes({{{30, 0.0}, {10, 0.0}}, {{20, 1.0}, {10, 1.0}}}, 100), (std::vector<int>{1, 1}));
    EXPECT_TRUE(allocateBytes({{{30, 0.0}}, {{20, 1.0}}}, 49).empty());
    EXPECT_TRUE(allocateBytes({}, 10).empty());
}

} // namespace
} // namespace lorikeet
