// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "tests/core/train/training_fixture.h"
#include "tests/support/walled_backend.h"

namespace lorikeet {
namespace {

RunConfig walledConfig(DType computeType) {
    RunConfig config = goldenConfig();
    config.quantization = {};
    config.computeType = computeType;
    config.lora.dropout = 0.1;
    config.training.maxSteps = 4;
    config.training.gradientCheckpointing = true;
    return config;
}

class WalledTraining : public testing::TestWithParam<std::tuple<WalledMode, DType>> {};

TEST_P(WalledTraining, AStepRunsBehindWallsWithOneDownload) {
    const auto [mode, computeType] = GetParam();
    const TemporaryFolder folder;
    WalledBackend backend(mode, 2);
    TinyRun run(backend, walledConfig(computeType));
    std::vector<int64_t> downloads, synchronizations;
    run.listener = [&](const RunEvent& event) {
        if (std::holds_alternative<StartEvent>(event) || std::holds_alternative<StepEvent>(event)) {
            downloads.push_back(backend.downloads());
            synchronizations.push_back(backend.synchronizations());
        }
    };
    EXPECT_EQ(run.train(folder.path()).outcome, RunOutcome::Finished);
    ASSERT_EQ(downloads.size(), 5u);
    for (std::size_t step = 1; step < downloads.size(); ++step)
        EXPECT_EQ(downloads[step] - downloads[step - 1], 1) << "step " << step;
    // The first step makes the table of rotary angles, and waits for it; no other step waits.
    EXPECT_EQ(synchronizations.back(), synchronizations[1]);

    CpuBackend open(1);
    TinyRun plain(open, walledConfig(computeType));
    plain.train(folder.path());
    EXPECT_EQ(run.parameterValues(), plain.parameterValues());
}

TEST_P(WalledTraining, APagedOptimizerBehindWallsTrainsTheSameBits) {
    const auto [mode, computeType] = GetParam();
    for (const bool isEightBit : {false, true}) {
        const TemporaryFolder folder;
        RunConfig config = walledConfig(computeType);
        config.lora.initFrom.clear();
        config.lora.rank = 64; // some tensors are large enough for 8 bits
        config.training.optimizer = isEightBit ? OptimizerType::AdamW8Bit : OptimizerType::AdamW32Bit;
        CpuBackend open(1);
        TinyRun plain(open, config);
        plain.train(folder.path());
        config.training.optimizer = isEightBit ? OptimizerType::PagedAdamW8Bit : OptimizerType::PagedAdamW32Bit;
        config.training.optimizerBudgetMb = 0.05;
        WalledBackend backend(mode, 2);
        TinyRun paged(backend, config);
        const EndEvent end = paged.train(folder.path());
        EXPECT_EQ(end.outcome, RunOutcome::Finished);
        EXPECT_EQ(paged.parameterValues(), plain.parameterValues());
        EXPECT_LE(end.peak[MemoryTag::Optimizer], int64_t(0.05 * (1 << 20)));
        EXPECT_FALSE(std::filesystem::exists(folder / "optimizer.pages"));
    }
}

TEST_P(WalledTraining, DoraAndWholeModulesTrainTheSameBitsBehindWalls) {
    const auto [mode, computeType] = GetParam();
    RunConfig config = walledConfig(computeType);
    config.lora.initFrom.clear();
    config.lora.rank = 4;
    config.lora.useDora = true;
    config.lora.targetModules = std::vector<std::string>{"q_proj", "v_proj", "up_proj"};
    config.lora.modulesToSave = {"norm", "down_proj"};
    const TemporaryFolder folder;
    WalledBackend backend(mode, 2);
    TinyRun walled(backend, config);
    EXPECT_EQ(walled.train(folder.path()).outcome, RunOutcome::Finished);
    CpuBackend open(1);
    TinyRun plain(open, config);
    plain.train(folder.path());
    EXPECT_EQ(walled.parameterValues(), plain.parameterValues());
}

INSTANTIATE_TEST_SUITE_P(Modes, WalledTraining,
                         testing::Combine(testing::Values(WalledMode::Immediate, WalledMode::Deferred),
                                          testing::Values(DType::F32, DType::BF16)));

} // namespace
} // namespace lorikeet
