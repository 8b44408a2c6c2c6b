// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/time_left.h"

#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/base/random.h"
#include "core/train/run_config.h"

namespace lorikeet {
namespace {

/// A run on a clock of its own.
struct FakeRun {
    RunConfig config;
    std::vector<int64_t> tokens; ///< of each step
    double token = 0.01;         ///< seconds
    double evaluation = 0.0, sampling = 0.0, save = 0.0, firstStep = 0.0;
    double noise = 0.0; ///< share of a step's time
    RunUnits units;
    bool evaluates = true;
    int64_t resumedAfter = 0; ///< by a process of another speed
    double speed = 1.0;       ///< of that one, over the first
    int64_t stoppedIn = 0;    ///< the step in which the process stands still for an hour, not counted as left

    /// What was foretold after each step, over what then really was left.
    std::vector<double> ratios() const {
        const auto steps = int64_t(tokens.size());
        const RandomStream random{3, RandomPurpose::Shuffle, 0, 0};
        RunPace pace;
        double now = 0.0;
        std::vector<double> foretold, at;
        double slowness = 1.0;
        for (int64_t step = 1; step <= steps; ++step) {
            if (resumedAfter > 0 && step == resumedAfter + 1) {
                pace = paceFromJson(nlohmann::json::parse(paceToJson(pace).dump()));
                pace.goOn();
                slowness = 1.0 / speed;
            }
            const double seconds = slowness * double(tokens[std::size_t(step - 1)]) * token *
                                       (1.0 + noise * (2.0 * double(random.uniform(uint64_t(step))) - 1.0)) +
                                   (step == 1 ? firstStep : 0.0) + (step == stoppedIn ? 3600.0 : 0.0);
            now += seconds;
            pace.addStep(tokens[std::size_t(step - 1)], seconds);
            const int64_t left = std::accumulate(tokens.begin() + step, tokens.end(), int64_t(0));
            foretold.push_back(secondsLeft(pace, runAhead(config, step, steps, left, evaluates), units));
            at.push_back(now);
            const auto spend = [&](bool isDue, double duration, Duration& measured) {
                if (!isDue)
                    return;
                now += slowness * duration;
                measured.add(slowness * duration);
            };
            const auto isDue = [&](int64_t every) { return (every > 0 && step % every == 0) || step == steps; };
            spend(evaluates && isDue(config.every.eval), evaluation, pace.evaluations);
            spend(!config.samples.prompts.empty() && isDue(config.every.sample), sampling, pace.samplings);
            spend(config.every.save > 0 && step % config.every.save == 0 && step < steps, save, pace.saves);
        }
        now += slowness * save; // the adapter
        std::vector<double> ratios;
        for (std::size_t i = 0; i < foretold.size(); ++i)
            ratios.push_back(now > at[i] ? foretold[i] / (now - at[i]) : 1.0 + foretold[i]);
        return ratios;
    }
};

/// After a tenth of the run.
void expectRight(const FakeRun& run, const char* what) {
    const std::vector<double> ratios = run.ratios();
    for (std::size_t i = ratios.size() / 10; i < ratios.size(); ++i)
        EXPECT_NEAR(ratios[i], 1.0, 0.15) << what << ", step " << i + 1;
}

TEST(TimeLeft, CountsWhatIsDue) {
    RunConfig config;
    config.every = {.log = 1, .eval = 10, .sample = 0, .save = 25};
    config.samples.prompts = {"a"};
    RunAhead ahead = runAhead(config, 20, 50, 1000, true);
    EXPECT_EQ(ahead.tokens, 1000);
    EXPECT_EQ(ahead.evaluations, 4) << "20, 30, 40, 50";
    EXPECT_EQ(ahead.samplings, 1) << "the end";
    EXPECT_EQ(ahead.saves, 2) << "25, and the adapter";
    ahead = runAhead(config, 50, 55, 0, false);
    EXPECT_EQ(ahead.evaluations, 0);
    EXPECT_EQ(ahead.saves, 2) << "50, and the adapter";
    EXPECT_EQ(runAhead(config, 0, 55, 0, true).evaluations, 6) << "10 to 50, and the end";
}

TEST(TimeLeft, IsRightWhereEvaluationsSamplesAndSavesTakeTheirTime) {
    FakeRun run;
    run.config.every = {.log = 1, .eval = 7, .sample = 9, .save = 5};
    run.config.samples.prompts = {"a", "b"};
    run.tokens.assign(100, 700);
    run.evaluation = 21.0;
    run.sampling = 12.0;
    run.save = 1.5;
    run.firstStep = 30.0;
    run.noise = 0.2;
    expectRight(run, "as it is");
    run.config.samples.prompts.clear();
    expectRight(run, "without samples");
    run.evaluates = false;
    expectRight(run, "without evaluations");
}

TEST(TimeLeft, IsRightWhereTheFirstEvaluationIsFarAway) {
    FakeRun run;
    run.config.every = {.log = 1, .eval = 50, .sample = 50, .save = 100};
    run.config.samples.prompts = {"a"};
    run.tokens.assign(200, 500);
    // As the units say: a quarter of a trained token, and two trained tokens.
    run.units = {.evaluationTokens = 40000, .sampleTokens = 100, .checkpointing = true};
    run.evaluation = 40000 * run.token / 4.0 * 1.2;
    run.sampling = 100 * run.token * 2.0 * 0.8;
    expectRight(run, "before the first");
}

TEST(TimeLeft, FollowsTheLengthsOfTheRowsThatCome) {
    FakeRun run;
    for (int step = 0; step < 200; ++step)
        run.tokens.push_back(step < 100 ? 300 : 1200);
    expectRight(run, "longer rows later");
    std::reverse(run.tokens.begin(), run.tokens.end());
    expectRight(run, "shorter rows later");
}

TEST(TimeLeft, IsSoonRightOnAMachineOfAnotherSpeed) {
    for (const double speed : {0.5, 2.0}) {
        FakeRun run;
        run.config.every = {.log = 1, .eval = 20, .sample = 0, .save = 100};
        run.tokens.assign(400, 700);
        run.evaluation = 10.0;
        run.noise = 0.1;
        run.resumedAfter = 200;
        run.speed = speed;
        const std::vector<double> ratios = run.ratios();
        for (std::size_t i = 220; i < ratios.size(); ++i)
            EXPECT_NEAR(ratios[i], 1.0, 0.15) << speed << ", step " << i + 1;
    }
}

TEST(TimeLeft, AProcessThatStoodStillIsNoSlowerForIt) {
    for (const int64_t stopped : {2, 30, 200}) {
        FakeRun run;
        run.tokens.assign(400, 700);
        run.noise = 0.1;
        run.stoppedIn = stopped;
        const std::vector<double> ratios = run.ratios();
        for (std::size_t i = std::size_t(std::max<int64_t>(40, stopped - 1)); i < ratios.size(); ++i)
            EXPECT_NEAR(ratios[i], 1.0, 0.15) << stopped << ", step " << i + 1;
    }
}

TEST(TimeLeft, KnowsNothingBeforeTheFirstStep) {
    EXPECT_EQ(secondsLeft({}, {.tokens = 1000, .evaluations = 1}, {}), 0.0);
}

TEST(RunPace, IsKeptInJson) {
    RunPace pace;
    for (int step = 1; step < 9; ++step)
        pace.addStep(100 + step, 1.0 / 3.0 * step);
    pace.evaluations.add(3.25);
    pace.saves.add(0.1);
    EXPECT_EQ(paceFromJson(nlohmann::json::parse(paceToJson(pace).dump())), pace);
}

} // namespace
} // namespace lorikeet
