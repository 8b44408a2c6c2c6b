// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/row_order.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include <gtest/gtest.h>

#include "core/base/error.h"

namespace lorikeet {
namespace {

RandomStream shuffle(uint64_t seed, uint32_t epoch) {
    return {seed, RandomPurpose::Shuffle, 0, epoch};
}

TEST(RandomOrder, HoldsEachNumberOnceAndDependsOnSeedAndEpochAlone) {
    const auto order = randomOrder(1000, shuffle(42, 0));
    EXPECT_EQ(std::set<int64_t>(order.begin(), order.end()).size(), 1000u);
    EXPECT_EQ(*std::min_element(order.begin(), order.end()), 0);
    EXPECT_EQ(*std::max_element(order.begin(), order.end()), 999);
    EXPECT_EQ(order, randomOrder(1000, shuffle(42, 0)));
    EXPECT_NE(order, randomOrder(1000, shuffle(42, 1)));
    EXPECT_NE(order, randomOrder(1000, shuffle(43, 0)));
    EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
    EXPECT_TRUE(randomOrder(0, shuffle(42, 0)).empty());
    EXPECT_EQ(randomOrder(1, shuffle(42, 0)), std::vector<int64_t>{0});
}

TEST(RandomOrder, GivesEveryOrderOfThreeAboutEquallyOften) {
    std::map<std::vector<int64_t>, int> seen;
    for (uint32_t epoch = 0; epoch < 6000; ++epoch)
        seen[randomOrder(3, shuffle(7, epoch))] += 1;
    ASSERT_EQ(seen.size(), 6u);
    for (const auto& [order, count] : seen)
        EXPECT_NEAR(count, 1000, 150); // five standard deviations
}

TEST(EvalSplit, IsDisjointCompleteSortedAndReproducible) {
    const EvalSplit split = splitForEvaluation(1000, 0.1, 42);
    EXPECT_EQ(split.eval.size(), 100u);
    EXPECT_EQ(split.train.size(), 900u);
    std::vector<int64_t> all;
    std::merge(split.train.begin(), split.train.end(), split.eval.begin(), split.eval.end(), std::back_inserter(all));
    std::vector<int64_t> expected(1000);
    std::iota(expected.begin(), expected.end(), 0);
    EXPECT_EQ(all, expected);
    EXPECT_EQ(splitForEvaluation(1000, 0.1, 42).eval, split.eval);
    EXPECT_NE(splitForEvaluation(1000, 0.1, 43).eval, split.eval);
    EXPECT_NE(split.eval.back(), 99) << "the rows must be drawn, not the first ones";
}

TEST(EvalSplit, LeavesAtLeastOneRowOnEachSide) {
    EXPECT_EQ(splitForEvaluation(5, 0.01, 1).eval.size(), 1u);
    EXPECT_EQ(splitForEvaluation(2, 0.99, 1).train.size(), 1u);
    EXPECT_TRUE(splitForEvaluation(5, 0.0, 1).eval.empty());
    EXPECT_THROW(splitForEvaluation(1, 0.5, 1), Error);
    EXPECT_THROW(splitForEvaluation(10, 1.0, 1), Error);
    EXPECT_THROW(splitForEvaluation(10, -0.1, 1), Error);
    EXPECT_THROW(splitForEvaluation(10, std::nan(""), 1), Error);
}

std::vector<RowPart> rowsOfLengths(const std::vector<int64_t>& lengths) {
    std::vector<RowPart> parts;
    for (const int64_t length : lengths)
        parts.push_back({int64_t(parts.size()), 0, length});
    return parts;
}

std::vector<std::vector<int64_t>> rowsByPack(const PartGroups& packs) {
    std::vector<std::vector<int64_t>> rows(static_cast<std::size_t>(packs.size()));
    for (int64_t pack = 0; pack < packs.size(); ++pack)
        for (const RowPart& part : packs[pack])
            rows[std::size_t(pack)].push_back(part.row);
    return rows;
}

TEST(Packing, PutsEachRowIntoTheFirstPackWithRoom) {
    using Rows = std::vector<std::vector<int64_t>>;
    EXPECT_EQ(rowsByPack(packFirstFit(rowsOfLengths({6, 5, 4, 5, 1, 10, 2, 3}), 10)),
              (Rows{{0, 2}, {1, 3}, {4, 6, 7}, {5}}));
    EXPECT_EQ(rowsByPack(packFirstFit({}, 10)), Rows{});
    EXPECT_THROW(packFirstFit(rowsOfLengths({11}), 10), Error);
}

TEST(Packing, AgreesWithASearchFromTheFrontOnManyRows) {
    const RandomStream random{5, RandomPurpose::Shuffle, 0, 0};
    std::vector<int64_t> lengths;
    for (uint64_t i = 0; i < 2000; ++i)
        lengths.push_back(1 + int64_t(random.below(i, 300)));
    std::vector<std::vector<int64_t>> expected;
    std::vector<int64_t> room;
    for (std::size_t row = 0; row < lengths.size(); ++row) {
        auto pack = std::find_if(room.begin(), room.end(), [&](int64_t left) { return left >= lengths[row]; });
        if (pack == room.end()) {
            expected.emplace_back();
            pack = room.insert(room.end(), 512);
        }
        *pack -= lengths[row];
        expected[std::size_t(pack - room.begin())].push_back(int64_t(row));
    }
    EXPECT_EQ(rowsByPack(packFirstFit(rowsOfLengths(lengths), 512)), expected);
}

} // namespace
} // namespace lorikeet
