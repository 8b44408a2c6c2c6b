// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/run_watch.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <numeric>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/base/random.h"
#include "core/train/run_config.h"
#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

/// A loss with noise of that share of it, the same for the same step.
double noisy(double loss, double share, int64_t step) {
    const RandomStream random{7, RandomPurpose::Shuffle, 0, 0};
    double sum = -6.0; // twelve uniform numbers: nearly normal, with variance 1
    for (uint64_t i = 0; i < 12; ++i)
        sum += double(random.uniform(uint64_t(step) * 12 + i));
    return loss * (1.0 + share * sum);
}

/// What a run of such losses is told, with the step in front.
struct Told {
    int64_t step;
    std::string text;
};

template <typename Loss>
std::vector<Told> watched(int64_t steps, const TrainingConfig& config, Loss&& loss, double gradNorm = 0.7) {
    RunWatchState state;
    std::vector<Told> told;
    for (int64_t step = 1; step <= steps; ++step)
        for (const std::string& text : watchStep(state, config, loss(step), gradNorm))
            told.push_back({step, text});
    return told;
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

double falling(int64_t step) {
    return 0.8 + 1.2 * std::exp(-double(step) / 30.0);
}

TEST(RunWatch, SaysThatALossRises) {
    const auto loss = [](int64_t step) {
        return noisy(falling(step) + (step > 200 ? 0.01 * double(step - 200) : 0.0), 0.1, step);
    };
    const std::vector<Told> told = watched(400, {}, loss);
    ASSERT_EQ(told.size(), 1u);
    EXPECT_TRUE(contains(told[0].text, "diverging")) << told[0].text;
    EXPECT_GT(told[0].step, 210);
    EXPECT_LT(told[0].step, 280);
}

TEST(RunWatch, SaysThatNothingHasBeenLearned) {
    for (const double share : {0.0, 0.02, 0.05}) {
        const std::vector<Told> told = watched(300, {}, [&](int64_t step) { return noisy(2.0, share, step); });
        ASSERT_EQ(told.size(), 1u) << share;
        EXPECT_TRUE(contains(told[0].text, "nothing has been learned")) << told[0].text;
    }
    EXPECT_TRUE(watched(500, {}, [](int64_t step) { return noisy(2.0, 0.7, step); }).empty()) << "who could tell?";
    TrainingConfig warming;
    warming.warmupSteps = 200;
    EXPECT_EQ(watched(349, warming, [](int64_t) { return 2.0; }).size(), 0u);
    EXPECT_EQ(watched(350, warming, [](int64_t) { return 2.0; }).size(), 1u);
}

TEST(RunWatch, ARunThatBlewUpEarlyIsToldToLowerTheRate) {
    struct Explosion {
        double from, to;
        int64_t at, within;
    };
    for (const auto& [from, to, at, within] :
         {Explosion{2.0, 7.0, 5, 6}, {2.0, 7.0, 8, 4}, {2.0, 6.5, 3, 3}, {2.5, 7.5, 10, 5}}) {
        const std::vector<Told> told = watched(400, {}, [&](int64_t step) {
            const double share = std::clamp(double(step - at) / double(within), 0.0, 1.0);
            return noisy(from + share * (to - from), 0.05, step);
        });
        ASSERT_EQ(told.size(), 1u) << at;
        EXPECT_TRUE(contains(told[0].text, "diverging")) << told[0].text;
        EXPECT_TRUE(contains(told[0].text, "a lower training.learning_rate")) << told[0].text;
        EXPECT_LT(told[0].step, 60) << at;
    }
}

TEST(RunWatch, ALossThatRoseALittleIsToldAsOneThatRose) {
    const std::vector<Told> told = watched(400, {}, [](int64_t step) {
        return noisy(2.0 * (1.0 + 0.15 * std::min(1.0, double(step) / 150.0)), 0.03, step);
    });
    ASSERT_EQ(told.size(), 1u);
    EXPECT_TRUE(contains(told[0].text, "has risen")) << told[0].text;
    EXPECT_TRUE(contains(told[0].text, "A lower training.learning_rate")) << told[0].text;
}

TEST(RunWatch, ARunThatLearnsAllInItsFirstStepsHasLearnedSomething) {
    for (const double steps : {1.0, 2.0, 3.0}) {
        const std::vector<Told> told = watched(
            400, {}, [&](int64_t step) { return noisy(0.9 + 0.5 * std::exp(-double(step) / steps), 0.05, step); });
        EXPECT_TRUE(told.empty()) << steps << ": " << told.front().text;
    }
}

TEST(RunWatch, SaysThatEveryStepIsClippedHard) {
    const std::vector<Told> told = watched(150, {}, falling, 3.1);
    ASSERT_EQ(told.size(), 1u);
    EXPECT_TRUE(contains(told[0].text, "clipped")) << told[0].text;
    EXPECT_FALSE(contains(told[0].text, "learning_rate")) << "it scales the steps as ever, and not the norm";
    EXPECT_EQ(told[0].step, 100);
    EXPECT_TRUE(watched(150, {}, falling, 2.9).empty()) << "clipped, but not by a factor of ten";
    TrainingConfig unclipped;
    unclipped.maxGradNorm = 0.0;
    EXPECT_TRUE(watched(150, unclipped, falling, 1000.0).empty());
}

TEST(RunWatch, SaysThatARunLearnsItsRowsByHeart) {
    const auto evaluated = [](double lastTrainingLoss, const std::vector<double>& evaluations) {
        RunWatchState state;
        std::vector<std::string> told;
        for (std::size_t i = 0; i < evaluations.size(); ++i) {
            const double share = double(i) / double(evaluations.size() - 1);
            for (int step = 0; step < 20; ++step)
                watchStep(state, {}, 1.0 + share * (lastTrainingLoss - 1.0), 0.2);
            for (std::string& text : watchEvaluation(state, evaluations[i]))
                told.push_back(std::move(text));
        }
        return told;
    };
    const std::vector<std::string> told = evaluated(0.4, {1.2, 1.0, 1.02, 1.04, 1.08, 1.2, 1.3});
    ASSERT_EQ(told.size(), 1u);
    EXPECT_TRUE(contains(told[0], "1.080")) << told[0];
    EXPECT_TRUE(evaluated(0.4, {1.2, 1.0, 1.02, 1.04, 0.99, 1.02, 1.04}).empty()) << "two in a row";
    EXPECT_TRUE(evaluated(0.4, {1.2, 1.0, 1.004, 1.003, 1.004, 1.004}).empty()) << "as good as level";
    EXPECT_TRUE(evaluated(1.1, {1.2, 1.0, 1.02, 1.04, 1.08, 1.2, 1.3}).empty()) << "the training loss rises, too";
}

TEST(RunWatch, KeepsQuietOnNoisyRunsThatLearn) {
    for (const double share : {0.05, 0.15, 0.25})
        EXPECT_TRUE(watched(1000, {}, [&](int64_t step) { return noisy(falling(step), share, step); }).empty())
            << share;
}

nlohmann::json realHistories() {
    std::ifstream file(sourceFile("tests/data/train/real_histories.json"));
    return nlohmann::json::parse(file);
}

/// How a run's losses lie about their mean over 41 steps, as shares of it.
std::vector<double> noiseOf(const std::vector<double>& losses) {
    std::vector<double> shares;
    for (std::size_t i = 0; i < losses.size(); ++i) {
        const auto begin = losses.begin() + std::ptrdiff_t(i < 20 ? 0 : i - 20);
        const auto end = losses.begin() + std::ptrdiff_t(std::min(losses.size(), i + 21));
        shares.push_back(losses[i] / (std::accumulate(begin, end, 0.0) / double(end - begin)));
    }
    return shares;
}

/// As many steps as the paper's runs have, with the noise of each real one drawn anew.
TEST(RunWatch, CallsNoHealthyRunDivergingHoweverLongItIs) {
    constexpr int64_t kSteps = 10'000;
    constexpr uint32_t kRuns = 10;
    for (const nlohmann::json& run : realHistories()) {
        const std::vector<double> shares = noiseOf(run.at("loss"));
        for (uint32_t number = 0; number < kRuns; ++number) {
            const RandomStream random{11, RandomPurpose::Shuffle, 0, number};
            for (const bool isLevel : {false, true}) {
                const std::vector<Told> told = watched(kSteps, {}, [&](int64_t step) {
                    const auto drawn = std::size_t(double(random.uniform(uint64_t(step))) * double(shares.size()));
                    return (isLevel ? 2.0 : falling(step)) * shares[std::min(drawn, shares.size() - 1)];
                });
                for (const Told& one : told) {
                    EXPECT_TRUE(isLevel && contains(one.text, "nothing has been learned"))
                        << run.at("name") << ", step " << one.step << ": " << one.text;
                }
            }
        }
    }
}

/// The losses of runs of SmolLM2 135M and of a tiny model, on real rows.
TEST(RunWatch, KeepsQuietOnRealRunsThatWentWell) {
    for (const nlohmann::json& run : realHistories()) {
        TrainingConfig config;
        config.learningRate = run.at("learning_rate");
        config.maxGradNorm = run.at("max_grad_norm");
        RunWatchState state;
        std::vector<std::string> told;
        std::size_t evaluation = 0;
        const auto& evaluations = run.at("evaluations");
        for (std::size_t step = 1; step <= run.at("loss").size(); ++step) {
            for (const std::string& text :
                 watchStep(state, config, run.at("loss")[step - 1], run.at("grad_norm")[step - 1]))
                told.push_back(text);
            if (evaluation < evaluations.size() && evaluations[evaluation][0] == step)
                for (const std::string& text : watchEvaluation(state, evaluations[evaluation++][1]))
                    told.push_back(text);
        }
        EXPECT_TRUE(told.empty()) << run.at("name") << ": " << told.front();
    }
}

/// The same losses, made to go wrong: each real history is loud enough for the warnings to come.
TEST(RunWatch, WarnsOnRealNoiseToo) {
    int diverged = 0, clipped = 0;
    for (const nlohmann::json& run : realHistories()) {
        const std::vector<double> losses = run.at("loss");
        if (losses.size() < 200)
            continue;
        const auto rising = [&](int64_t step) {
            return losses[std::size_t(step - 1)] + (step > 100 ? 0.03 * double(step - 100) : 0.0);
        };
        for (const Told& told : watched(200, {}, rising, 100.0)) {
            diverged += contains(told.text, "diverging") && told.step > 100;
            clipped += contains(told.text, "clipped");
        }
    }
    EXPECT_EQ(diverged, 5);
    EXPECT_EQ(clipped, 5);
}

TEST(RunWatch, WarnsTheSameAfterItsStateWasKept) {
    const auto loss = [](int64_t step) {
        return noisy(2.0 + (step > 260 ? 0.05 * double(step - 260) : 0.0), 0.02, step);
    };
    RunWatchState whole, kept;
    std::vector<std::string> wholeTold, keptTold;
    for (int64_t step = 1; step <= 400; ++step) {
        kept = watchFromJson(nlohmann::json::parse(watchToJson(kept).dump()));
        EXPECT_EQ(kept, whole);
        for (std::string& text : watchStep(whole, {}, loss(step), 5.0))
            wholeTold.push_back(std::move(text));
        for (std::string& text : watchStep(kept, {}, loss(step), 5.0))
            keptTold.push_back(std::move(text));
        if (step % 20 == 0) {
            watchEvaluation(whole, loss(step));
            watchEvaluation(kept, loss(step));
        }
    }
    EXPECT_EQ(wholeTold, keptTold);
    EXPECT_EQ(wholeTold.size(), 3u);
    nlohmann::json incomplete = nlohmann::json::parse(watchToJson(kept).dump());
    incomplete.erase("means");
    EXPECT_THROW(watchFromJson(incomplete), nlohmann::json::exception);
    nlohmann::json old = nlohmann::json::parse(watchToJson(kept).dump());
    old.erase("slow_sum");
    old.erase("start_sum");
    EXPECT_EQ(watchToJson(watchFromJson(old)), watchToJson(RunWatchState()));
}

} // namespace
} // namespace lorikeet
