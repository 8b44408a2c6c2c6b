// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/schedule.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/base/files.h"
#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

TEST(Schedule, GivesTheFactorsOfTransformersStepByStep) {
    const nlohmann::json golden = nlohmann::json::parse(readTextFile(sourceFile("tests/data/train/schedules.json")));
    const int64_t steps = golden.at("steps");
    int cases = 0;
    for (const nlohmann::json& one : golden.at("cases")) {
        Schedule schedule = Schedule::Constant;
        for (const Schedule candidate : {Schedule::ConstantWithWarmup, Schedule::Linear, Schedule::Cosine})
            if (scheduleName(candidate) == one.at("schedule"))
                schedule = candidate;
        ASSERT_EQ(scheduleName(schedule), one.at("schedule"));
        const int64_t warmup = one.at("warmup_steps");
        int64_t step = 0;
        for (const double factor : one.at("factors")) {
            ++step;
            EXPECT_NEAR(scheduleFactor(schedule, step, warmup, steps), factor, 1e-12)
                << one.at("schedule") << " warm-up " << warmup << " step " << step;
        }
        ++cases;
    }
    EXPECT_EQ(cases, 16);
}

TEST(Schedule, ConstantIsOneFromTheFirstStep) {
    EXPECT_EQ(scheduleFactor(Schedule::Constant, 1, 0, 10), 1.0);
    EXPECT_EQ(scheduleFactor(Schedule::Constant, 10, 0, 10), 1.0);
}

TEST(Schedule, AWarmUpAsLongAsTheRunNeverDividesByZero) {
    EXPECT_EQ(scheduleFactor(Schedule::Linear, 10, 10, 10), 0.9);
    EXPECT_EQ(scheduleFactor(Schedule::Linear, 11, 10, 10), 0.0);
    EXPECT_EQ(scheduleFactor(Schedule::Cosine, 11, 10, 10), 1.0);
}

} // namespace
} // namespace lorikeet
