// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "tests/core/train/training_fixture.h"

namespace lorikeet {
namespace {

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

} // namespace
} // namespace lorikeet
