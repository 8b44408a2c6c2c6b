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

TEST(RunFit, FewerTokensAtATimeChangeNothingWhereRowsAreCountedByThem) {
    MemoryPlanner planner(oneBillion(), StoredType::BF16, std::vector<int32_t>(200, 300));
    RunConfig config = largeRun();
    config.training.gradientCheckpointing = true;
    config.data.maxTokensPerBatch = 1'000'000'000;
    std::vector<std::string> settings;
    for (const RunChange& change : smallerRuns(config))
        settings.push_back(change.setting);
    EXPECT_EQ(std::ranges::count(settings, "data.max_tokens_per_batch 1024"), 1);
    EXPECT_EQ(std::ranges::count_if(settings, [](const std::string& text) { return text.find("batch_size") < 20; }), 0);
    RunConfig smaller = config;
    smaller.data.maxTokensPerBatch = 1024;
    const int64_t limit = planner.peak(smaller).total();
    ASSERT_LT(limit, planner.peak(config).total());
    const FitPlan plan = makeItFit(planner, config, limit);
    ASSERT_TRUE(plan.fits);
    EXPECT_EQ(plan.config, smaller);
    config.training.accumulationSteps = 1;
    EXPECT_LT(planner.peak(config).total(), planner.peak(largeRun()).total() * 2) << "a step has but four rows";
}

TEST(RunFit, AChangeThatSavesLittleIsTakenWhereItIsEnough) {
    MemoryPlanner planner(oneBillion(), StoredType::BF16, {});
    RunConfig config = largeRun();
    config.training.gradientCheckpointing = true;
    config.training.batchSize = 1;
    config.training.accumulationSteps = 16;
    config.data.maxLength = 8192;
    config.lora.rank = 16;
    config.training.optimizer = OptimizerType::PagedAdamW32Bit;
    config.training.optimizerBudgetMb = 84;
    RunConfig paged = config;
    paged.training.optimizerBudgetMb = 64;
    const int64_t asked = planner.peak(config).total(), limit = planner.peak(paged).total();
    ASSERT_LT(limit, asked);
    ASSERT_GT(double(limit), 0.99 * double(asked));
    const FitPlan plan = makeItFit(planner, config, limit);
    ASSERT_TRUE(plan.fits);
    EXPECT_EQ(plan.config, paged) << plan.steps.front().setting;
}

TEST(RunFit, ComputesInFewerBitsBeforeItTrainsOnShorterRows) {
    MemoryPlanner planner(oneBillion(), StoredType::F32, {});
    RunConfig config = largeRun();
    config.computeType = DType::F32;
    RunConfig smaller = config;
    for (std::vector<RunChange> changes = smallerRuns(smaller); changes.front().setting != "compute_dtype bfloat16";
         changes = smallerRuns(smaller))
        changes.front().apply(smaller);
    smaller.computeType = DType::BF16;
    const FitPlan plan = makeItFit(planner, config, planner.peak(smaller).total());
    ASSERT_TRUE(plan.fits);
    EXPECT_EQ(plan.config.computeType, DType::BF16);
    EXPECT_EQ(plan.config.data.maxLength, config.data.maxLength);
    EXPECT_EQ(plan.config.lora.rank, config.lora.rank);
}

TEST(RunFit, NothingIsOfferedThatABaseWhichIsQuantizedAlreadyCannotBe) {
    for (const QuantType type : {QuantType::Nf4, QuantType::Fp4}) {
        RunConfig config = largeRun();
        config.quantization.type = type;
        const std::vector<RunChange> offered = smallerRuns(config), stored = smallerRuns(config, true);
        const auto isQuantization = [](const RunChange& change) { return change.setting.starts_with("quantization"); };
        EXPECT_EQ(std::ranges::count_if(offered, isQuantization), 1);
        EXPECT_EQ(std::ranges::count_if(stored, isQuantization), 0);
        MemoryPlanner planner(oneBillion(), StoredType::BF16, {});
        EXPECT_EQ(makeItFit(planner, config, 1, true).config.quantization, config.quantization);
    }
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
