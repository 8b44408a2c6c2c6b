// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/generate/sampler.h"

#include <array>
#include <cmath>
#include <limits>
#include <set>

#include <gtest/gtest.h>

#include "tests/support/errors.h"

namespace lorikeet {
namespace {

std::vector<int32_t> draw(const SamplingOptions& options, const std::vector<float>& logits, int count) {
    Sampler sampler(options);
    std::vector<int32_t> tokens;
    for (int i = 0; i < count; ++i)
        tokens.push_back(sampler.next(logits));
    return tokens;
}

TEST(Sampler, AtTemperatureZeroTakesTheMostProbableAndTheLowestOfEquals) {
    EXPECT_EQ(draw({}, {0.5f, 2.0f, -1.0f, 2.0f}, 3), (std::vector<int32_t>{1, 1, 1}));
}

TEST(Sampler, DrawsAsOftenAsTheProbabilitiesSay) {
    const std::vector<float> logits = {std::log(0.5f), std::log(0.3f), std::log(0.2f)};
    std::array<int, 3> counts{};
    for (int32_t token : draw({1.0f, 1.0f, 5}, logits, 20000))
        ++counts[std::size_t(token)];
    EXPECT_NEAR(counts[0], 10000, 300);
    EXPECT_NEAR(counts[1], 6000, 300);
    EXPECT_NEAR(counts[2], 4000, 300);
}

TEST(Sampler, SharpensWithALowTemperature) {
    const std::vector<float> logits = {std::log(0.6f), std::log(0.4f)};
    int second = 0;
    for (int32_t token : draw({0.5f, 1.0f, 5}, logits, 20000))
        second += token;
    EXPECT_NEAR(second, 20000 * 0.16 / 0.52, 300);
}

TEST(Sampler, TopPKeepsTheFewestThatHoldTheMass) {
    const std::vector<float> logits = {std::log(0.1f), std::log(0.5f), std::log(0.15f), std::log(0.25f)};
    const auto kept = [&](float topP) {
        const auto tokens = draw({1.0f, topP, 9}, logits, 2000);
        return std::set<int32_t>(tokens.begin(), tokens.end());
    };
    EXPECT_EQ(kept(0.3f), (std::set<int32_t>{1}));
    EXPECT_EQ(kept(0.7f), (std::set<int32_t>{1, 3}));
    EXPECT_EQ(kept(0.8f), (std::set<int32_t>{1, 2, 3}));
    EXPECT_EQ(kept(1.0f), (std::set<int32_t>{0, 1, 2, 3}));
}

TEST(Sampler, TopPLooksBeyondTheFirstTokens) {
    const std::vector<float> logits(1000, 1.0f);
    for (int32_t token : draw({1.0f, 0.5f, 9}, logits, 2000))
        EXPECT_LT(token, 500);
}

TEST(Sampler, PenalizesWhatStandsInTheTextAlready) {
    const std::vector<float> logits = {2.0f, -1.0f, 0.75f, 0.5f};
    const std::array<int32_t, 2> noted = {0, 1};
    Sampler mild({.repetitionPenalty = 2.0f}), strong({.repetitionPenalty = 4.0f}), none({});
    for (Sampler* sampler : {&mild, &strong, &none})
        sampler->note(noted);
    EXPECT_EQ(mild.next(logits), 0);   // 2 / 2 = 1 is still the largest
    EXPECT_EQ(strong.next(logits), 2); // 2 / 4 = 0.5 is not
    EXPECT_EQ(none.next(logits), 0);

    // exp(2 / 4), exp(-1 * 4), exp(0.75), exp(0.5), by hand, of their sum 5.4328
    Sampler sampler({.temperature = 1.0f, .topP = 1.0f, .seed = 5, .repetitionPenalty = 4.0f});
    sampler.note(noted);
    std::array<int, 4> counts{};
    for (int i = 0; i < 20000; ++i)
        ++counts[std::size_t(sampler.next(logits))];
    EXPECT_NEAR(counts[0], 20000 * 1.64872 / 5.43276, 300);
    EXPECT_NEAR(counts[1], 20000 * 0.01832 / 5.43276, 40);
    EXPECT_NEAR(counts[2], 20000 * 2.11700 / 5.43276, 300);
}

TEST(Sampler, IsDeterminedByItsSeed) {
    const std::vector<float> logits(100, 0.0f);
    EXPECT_EQ(draw({1.0f, 1.0f, 1}, logits, 50), draw({1.0f, 1.0f, 1}, logits, 50));
    EXPECT_NE(draw({1.0f, 1.0f, 1}, logits, 50), draw({1.0f, 1.0f, 2}, logits, 50));
}

TEST(Sampler, RefusesOptionsAndLogitsThatMeanNothing) {
    EXPECT_EQ(errorOf([] { Sampler({-1.0f, 1.0f, 0}); }).code(), ErrorCode::BadConfig);
    EXPECT_EQ(errorOf([] { Sampler({1.0f, 0.0f, 0}); }).code(), ErrorCode::BadConfig);
    EXPECT_EQ(errorOf([] { Sampler({1.0f, 1.5f, 0}); }).code(), ErrorCode::BadConfig);
    EXPECT_EQ(errorOf([] { Sampler({.repetitionPenalty = 0.0f}); }).code(), ErrorCode::BadConfig);
    const float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
    EXPECT_EQ(errorOf([&] { draw({}, {1.0f, nan}, 1); }).code(), ErrorCode::InvalidArgument);
    EXPECT_EQ(errorOf([&] { draw({}, {-infinity, -infinity}, 1); }).code(), ErrorCode::InvalidArgument);
}

} // namespace
} // namespace lorikeet
