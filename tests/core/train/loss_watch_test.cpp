// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/loss_watch.h"

#include <cmath>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/base/files.h"
#include "core/base/random.h"
#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

constexpr int64_t kVocabulary = 49152; // ln = 10.8

/// Steps until it says that the run has diverged; 0: never.
template <typename Loss>
int64_t divergesAt(int64_t steps, Loss loss) {
    LossWatch watch(kVocabulary);
    for (int64_t step = 1; step <= steps; ++step) {
        watch.add(loss(step));
        if (watch.hasDiverged())
            return step;
    }
    return 0;
}

TEST(LossWatch, NoNoiseOfARealRunIsADivergence) {
    const RandomStream random{7, RandomPurpose::Sampling, 0, 0};
    // Short rows: single losses between a twentieth and four times their mean.
    EXPECT_EQ(divergesAt(20000, [&](int64_t step) { return 1.2 * std::exp(0.6 * random.normal(uint64_t(step))); }), 0);
    EXPECT_EQ(divergesAt(1000, [](int64_t step) { return step % 50 == 0 ? 30.0 : 1.0; }), 0)
        << "a bad row now and then";
    EXPECT_EQ(divergesAt(1000, [](int64_t step) { return 0.001 + 9.0 * double(step % 2); }), 0);
    EXPECT_EQ(divergesAt(1000, [](int64_t step) { return step < 100 ? 1.0 : 7.0; }), 0) << "worse, but still a guess";
    EXPECT_EQ(divergesAt(1000, [](int64_t) { return 14.0; }), 0) << "text that the model is sure to be wrong about";
    EXPECT_EQ(divergesAt(1000, [&](int64_t step) { return 14.0 + random.normal(uint64_t(step)); }), 0);
}

TEST(LossWatch, ALossThatStaysWorseThanAnEvenGuessIsOne) {
    EXPECT_EQ(divergesAt(1000, [](int64_t step) { return step < 100 ? 1.0 : 12.0; }), 109);
    const int64_t runaway = divergesAt(1000, [](int64_t step) { return 1.0 * std::pow(1.3, double(step)); });
    EXPECT_GT(runaway, 8);
    EXPECT_LT(runaway, 14);
    EXPECT_NE(divergesAt(1000, [](int64_t step) { return step < 100 ? 14.0 : 30.0; }), 0);
    EXPECT_NE(divergesAt(1000, [](int64_t step) { return step < 3 ? 9.0 : 1000.0; }), 0);
}

/// The losses of runs of SmolLM2 135M and of a tiny model that begins at an even guess, on real rows.
struct RealRun {
    std::string name;
    int64_t vocabulary = kVocabulary;
    std::vector<double> losses;
};

std::vector<RealRun> realRuns() {
    std::vector<RealRun> runs;
    for (const nlohmann::json& run :
         nlohmann::json::parse(readTextFile(sourceFile("tests/data/train/real_histories.json")))) {
        const std::string name = run.at("name");
        runs.push_back({name, name.starts_with("tiny") ? 289 : kVocabulary, run.at("loss")});
    }
    return runs;
}

TEST(LossWatch, NoRealRunThatWentWellIsADivergence) {
    for (const RealRun& run : realRuns()) {
        LossWatch watch(run.vocabulary);
        for (std::size_t i = 0; i < run.losses.size(); ++i) {
            EXPECT_FALSE(watch.isBeyond(run.losses[i]) && i > 5) << run.name << ", step " << i + 1;
            watch.add(run.losses[i]);
            EXPECT_FALSE(watch.hasDiverged()) << run.name << ", step " << i + 1;
        }
        EXPECT_GT(run.losses.size(), 40u);
    }
}

TEST(LossWatch, ARealRunThatRunsAwayIsToldWithinAFewSteps) {
    for (const RealRun& run : realRuns()) {
        LossWatch watch(run.vocabulary);
        int64_t beyond = 0, told = 0;
        for (std::size_t i = 0; i < run.losses.size() && told == 0; ++i) {
            // Doubled every four steps from the thirtieth on.
            const double loss = run.losses[i] * (i < 30 ? 1.0 : std::pow(2.0, double(i - 29) / 4.0));
            beyond += watch.isBeyond(loss);
            watch.add(loss);
            if (watch.hasDiverged())
                told = int64_t(i) + 1;
        }
        EXPECT_GT(told, 30) << run.name;
        EXPECT_GT(beyond, 0) << run.name;
        EXPECT_LE(beyond, 8) << run.name << ": losses beyond the bound before it was told";
    }
}

TEST(LossWatch, OneBadRowAtTheBeginningIsNone) {
    for (const int64_t bad : {2, 3}) {
        LossWatch watch(kVocabulary);
        for (int64_t step = 1; step <= 20; ++step) {
            watch.add(step == bad ? 24.0 : 2.0);
            EXPECT_FALSE(watch.hasDiverged()) << bad << ", step " << step;
        }
    }
}

TEST(LossWatch, GoesOnFromItsStateAsIfNothingHadBeen) {
    LossWatch whole(kVocabulary), first(kVocabulary), second(kVocabulary);
    for (int step = 0; step < 10; ++step) {
        whole.add(3.0 + step % 3);
        first.add(3.0 + step % 3);
    }
    second.restore(first.state());
    whole.add(2.0);
    second.add(2.0);
    EXPECT_EQ(second.state(), whole.state());
    EXPECT_EQ(second.smoothed(), whole.smoothed());
}

TEST(LossWatch, ALossBeyondTheBoundIsTold) {
    LossWatch watch(kVocabulary);
    EXPECT_FALSE(watch.isBeyond(1e9)) << "nothing to compare with";
    watch.add(2.0);
    EXPECT_FALSE(watch.isBeyond(10.0));
    EXPECT_TRUE(watch.isBeyond(11.0));
}

} // namespace
} // namespace lorikeet
