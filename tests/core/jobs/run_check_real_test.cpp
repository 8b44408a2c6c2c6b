// SPDX-License-Identifier: GPL-3.0-or-later
#include <chrono>
#include <iostream>

#include <fmt/format.h>

#include "core/jobs/run_check.h"
#include "core/jobs/weight_study.h"
#include "tests/core/jobs/jobs_fixture.h"

namespace lorikeet {
namespace {

using Clock = std::chrono::steady_clock;

double millisecondsSince(Clock::time_point begin) {
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

/// Prints how long things take with the starter model; the bounds leave room for a machine under load.
class WithTheStarterModel : public JobsTest {};

TEST_F(WithTheStarterModel, AChangeIsAnsweredWithinFiftyMilliseconds) {
    SKIP_WITHOUT_TEST_MODEL();
    RunConfig config = smallRun();
    config.model = testModelPath();
    config.training.maxSteps.reset();
    RunChecker checker(m_workshop);
    auto begin = Clock::now();
    EXPECT_TRUE(checker.check(config).peak);
    const double first = millisecondsSince(begin);
    begin = Clock::now();
    checker.prepare(config);
    const double preparing = millisecondsSince(begin);
    begin = Clock::now();
    for (int i = 1; i <= 10; ++i) {
        config.lora.rank = 4 * i;
        config.training.batchSize = i;
        config.training.learningRate = 1e-5 * i;
        EXPECT_TRUE(checker.check(config).peak);
    }
    const double each = millisecondsSince(begin) / 10;
    EXPECT_LT(each, 50.0);
    config.data.packing = true;
    config.data.maxLength = 8192;
    config.training.batchSize = 64;
    config.training.gradientCheckpointing = false;
    begin = Clock::now();
    const RunCheck large = checker.check(config);
    EXPECT_GT(large.fit.steps.size(), 0u);
    std::cout << fmt::format("first {:.1f} ms, prepare {:.1f} ms, each change {:.1f} ms, one to be made to fit {:.1f} "
                             "ms ({} steps)\n",
                             first, preparing, each, millisecondsSince(begin), large.fit.steps.size());
}

TEST_F(WithTheStarterModel, AWeightIsStudiedInTheBackground) {
    SKIP_WITHOUT_TEST_MODEL();
    auto begin = Clock::now();
    const TensorHistogram histogram = tensorHistogram({testModelPath(), "token_embd.weight"});
    const double counting = millisecondsSince(begin);
    EXPECT_EQ(histogram.values, int64_t(49152) * 576);
    begin = Clock::now();
    const ErrorStudy study = quantizationErrors({.model = testModelPath(), .mostWeights = 10'000'000});
    std::cout << fmt::format("histogram of the embedding {:.0f} ms, {} ways over {} weights {:.0f} ms\n", counting,
                             study.rows.size(), study.weights, millisecondsSince(begin));
    for (const StudiedQuantization& row : study.rows)
        std::cout << fmt::format("  {} {}: {:.4f}, {:.3f} bits\n", quantTypeName(row.spec.type), row.spec.blocksize,
                                 row.relativeError, row.bitsPerParameter);
    EXPECT_LT(study.rows[1].relativeError, study.rows[5].relativeError); // NF4 suits weights better than FP4
    EXPECT_LT(study.rows[1].relativeError, study.rows[9].relativeError); // and than INT4
}

} // namespace
} // namespace lorikeet
