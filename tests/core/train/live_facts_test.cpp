// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "tests/core/train/training_fixture.h"

namespace lorikeet {
namespace {

RunConfig shuffled() {
    RunConfig config = goldenConfig();
    config.data.shuffle = true;
    return config;
}

TEST(LiveFacts, ARunThatLearnsNothingSaysSoOnce) {
    RunConfig config = goldenConfig();
    config.training.maxSteps = 260;
    config.training.learningRate = 1e-9;
    CpuBackend backend(1);
    TinyRun run(backend, config);
    run.train(TemporaryFolder().path());
    const std::vector<WarningEvent> warnings = run.eventsOf<WarningEvent>();
    ASSERT_EQ(warnings.size(), 1u);
    EXPECT_TRUE(warnings[0].text.starts_with("nothing has been learned")) << warnings[0].text;
}

TEST(LiveFacts, ARunThatLearnsIsLeftInPeaceAndCountsDown) {
    RunConfig config = goldenConfig();
    config.training.maxSteps = 260;
    config.every.eval = 50;
    CpuBackend backend(1);
    TinyRun run(backend, config);
    run.evaluates = true;
    run.train(TemporaryFolder().path());
    for (const WarningEvent& warning : run.eventsOf<WarningEvent>())
        ADD_FAILURE() << warning.text;
    const std::vector<StepEvent> steps = run.steps();
    EXPECT_GT(steps[100].secondsLeft, 0.0);
    EXPECT_LT(steps[200].secondsLeft, steps[30].secondsLeft);
    EXPECT_GT(steps.back().secondsLeft, 0.0) << "the last evaluation is to come";
}

/// Real rows and steps on a clock of the test's own.
TEST(LiveFacts, TellsTheTimeThatIsLeft) {
    constexpr int64_t kSteps = 200;
    constexpr double kEvaluation = 4.0;
    RunConfig config = shuffled();
    config.training.maxSteps = kSteps;
    config.every.eval = 20;
    CpuBackend backend(1);
    TinyRun run(backend, config);
    LiveFacts facts(config, run.planner(), kSteps, run.rows());
    DataCursor cursor;
    double now = 0.0;
    std::vector<double> foretold, at;
    for (int64_t step = 1; step <= kSteps; ++step) {
        const int64_t tokens = run.planner().next(cursor).tokens;
        const double seconds = 0.01 * double(tokens);
        now += seconds;
        foretold.push_back(facts.addStep(step, tokens, seconds, cursor));
        at.push_back(now);
        if (step % config.every.eval == 0) {
            now += kEvaluation;
            facts.add(RunPhase::Evaluating, kEvaluation);
        }
    }
    for (std::size_t i = std::size_t(config.every.eval); i < foretold.size(); ++i)
        EXPECT_NEAR(foretold[i] / (now - at[i]), 1.0, 0.15) << "step " << i + 1;
}

} // namespace
} // namespace lorikeet
