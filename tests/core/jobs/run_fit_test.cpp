// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/run_fit.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "core/train/optimizer_layout.h"

namespace lorikeet {
namespace {

ModelConfig oneBillion() {
    ModelConfig model;
    model.architecture = "llama";
    model.vocabularySize = 32000;
    model.hiddenSize = 2048;
    model.intermediateSize = 5632;
    model.layers = 22;
    model.heads = 32;
    model.kvHeads = 4;
    model.headDim = 64;
    model.maxPositions = 4096;
    model.windows.assign(22, 0);
    model.rope.rotaryDim = 64;
    model.rope.originalPositions = 4096;
    return model;
}

RunConfig largeRun() {
    RunConfig config;
    config.quantization.doubleQuant = false;
    config.lora.rank = 64;
    config.data.maxLength = 1024;
    config.training.gradientCheckpointing = false;
    return config;
}

/// Whether a run learns the same from its rows as `wanted` does.
bool learnsTheSame(const RunConfig& wanted, RunConfig config) {
    EXPECT_EQ(config.training.batchSize * config.training.accumulationSteps,
              wanted.training.batchSize * wanted.training.accumulationSteps);
    config.training.batchSize = wanted.training.batchSize;
    config.training.accumulationSteps = wanted.training.accumulationSteps;
    config.training.gradientCheckpointing = wanted.training.gradientCheckpointing;
    config.training.optimizerBudgetMb = wanted.training.optimizerBudgetMb;
    if (isEightBit(config.training.optimizer) == isEightBit(wanted.training.optimizer))
        config.training.optimizer = wanted.training.optimizer;
    return config == wanted;
}

TEST(RunFit, OffersWhatCostsLeastQualityFirst) {
    std::vector<std::string> settings;
    RunConfig config = largeRun();
    for (const RunChange& change : smallerRuns(config))
        settings.push_back(change.setting);
    const std::vector<std::string> wanted = {"training.optim paged_adamw_32bit and training.optim_budget_mb 64",
                                             "training.gradient_checkpointing true",
                                             "training.batch_size 1 and training.gradient_accumulation_steps 16",
                                             "training.optim paged_adamw_8bit",
                                             "quantization.double_quant true",
                                             "data.max_length 512",
                                             "lora.r 8"};
    EXPECT_EQ(settings, wanted);
    config.quantization.type = QuantType::Int8;
    config.training.optimizer = OptimizerType::PagedAdamW8Bit;
    config.training.optimizerBudgetMb = 64;
    settings.clear();
    for (const RunChange& change : smallerRuns(config))
        settings.push_back(change.setting);
    EXPECT_EQ(settings.front(), "training.gradient_checkpointing true");
    EXPECT_EQ(std::ranges::count(settings, "quantization nf4"), 1);
}

TEST(RunFit, GivesUpQualityOnlyWhereNothingElseMakesItFit) {
    MemoryPlanner planner(oneBillion(), StoredType::BF16, {});
    const RunConfig wanted = largeRun();
    RunConfig exact = wanted;
    exact.training.gradientCheckpointing = true;
    exact.training.batchSize = 1;
    exact.training.accumulationSteps = 16;
    exact.training.optimizer = OptimizerType::PagedAdamW32Bit;
    exact.training.optimizerBudgetMb = 64;
    const int64_t asked = planner.peak(wanted).total(), least = planner.peak(exact).total();
    ASSERT_LT(least, asked / 2);
    std::size_t steps = 0;
    for (double share = 1.0; share > 0.015; share -= 0.1) {
        const int64_t limit = least + int64_t(share * double(asked - least));
        const FitPlan plan = makeItFit(planner, wanted, limit);
        EXPECT_TRUE(plan.fits) << share;
        EXPECT_LE(plan.peak, limit);
        EXPECT_EQ(plan.peak, planner.peak(plan.config).total());
        EXPECT_TRUE(learnsTheSame(wanted, plan.config)) << share;
        steps = std::max(steps, plan.steps.size());
    }
    EXPECT_GE(steps, 2u);
    const FitPlan smaller = makeItFit(planner, wanted, least - least / 50);
    ASSERT_TRUE(smaller.fits);
    EXPECT_FALSE(learnsTheSame(wanted, smaller.config));
    EXPECT_EQ(smaller.config.data.maxLength, wanted.data.maxLength) << "8 bits are enough";
    EXPECT_EQ(smaller.config.lora.rank, 64);
}

TEST(RunFit, AFullFinetuningBecomesLoraBeforeItsBaseIsQuantized) {
    MemoryPlanner planner(oneBillion(), StoredType::BF16, {});
    RunConfig full;
    full.method = Method::Full;
    full.quantization = quantizationFor(Method::Full);
    std::vector<std::string> settings;
    for (const RunChange& change : smallerRuns(full))
        settings.push_back(change.setting);
    EXPECT_EQ(settings,
              (std::vector<std::string>{"training.optim paged_adamw_32bit and training.optim_budget_mb 64",
                                        "training.batch_size 1 and training.gradient_accumulation_steps 16",
                                        "training.optim paged_adamw_8bit", "method lora", "data.max_length 256"}));
    const int64_t asked = planner.peak(full).total();
    const FitPlan paged = makeItFit(planner, full, asked * 3 / 4);
    ASSERT_TRUE(paged.fits);
    EXPECT_EQ(paged.config.method, Method::Full);
    const FitPlan lora = makeItFit(planner, full, asked / 5);
    ASSERT_TRUE(lora.fits);
    EXPECT_EQ(lora.config.method, Method::Lora);
    EXPECT_EQ(lora.config.quantization.type, QuantType::None);
    const FitPlan qlora = makeItFit(planner, full, asked / 12);
    ASSERT_TRUE(qlora.fits);
    EXPECT_EQ(qlora.config.quantization.type, QuantType::Nf4);
    EXPECT_TRUE(violationsOf(qlora.config).empty());
}

TEST(RunFit, LowersTheRankLast) {
    MemoryPlanner planner(oneBillion(), StoredType::BF16, {});
    RunConfig rest = largeRun();
    for (std::vector<RunChange> changes = smallerRuns(rest);
         !changes.empty() && !changes.front().setting.starts_with("lora.r"); changes = smallerRuns(rest))
        changes.front().apply(rest);
    EXPECT_EQ(rest.lora.rank, 64);
    const FitPlan plan = makeItFit(planner, largeRun(), planner.peak(rest).total() * 98 / 100);
    ASSERT_TRUE(plan.fits);
    EXPECT_EQ(plan.steps.back().setting, "lora.r 8");
}

} // namespace
} // namespace lorikeet
