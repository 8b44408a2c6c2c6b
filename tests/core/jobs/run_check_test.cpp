// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/run_check.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "core/base/error.h"
#include "core/jobs/estimate_job.h"
#include "core/jobs/model_library.h"
#include "core/jobs/quantize_job.h"
#include "core/jobs/run_parts.h"
#include "core/train/adapter_folder.h"
#include "core/train/run_settings.h"
#include "tests/core/jobs/jobs_fixture.h"
#include "tests/support/errors.h"

namespace lorikeet {
namespace {

class RunCheckTest : public JobsTest {
protected:
    RunCheck prepared(const RunConfig& config) {
        m_checker.prepare(config);
        return m_checker.check(config);
    }
    static const RunProblem* find(const RunCheck& check, std::string_view key) {
        const auto found = std::ranges::find(check.problems, key, &RunProblem::key);
        return found == check.problems.end() ? nullptr : &*found;
    }
    /// The problem of that key is gone with its fix.
    void expectFixed(const RunConfig& config, std::string_view key, ProblemSeverity severity) {
        const RunCheck check = prepared(config);
        const RunProblem* problem = find(check, key);
        ASSERT_TRUE(problem) << key;
        EXPECT_EQ(problem->severity, severity) << problem->title.text();
        EXPECT_EQ(check.firstError() != nullptr, severity == ProblemSeverity::Error);
        EXPECT_FALSE(problem->fixLabel.empty()) << problem->title.text();
        ASSERT_TRUE(problem->fixed) << problem->title.text();
        const RunCheck after = prepared(*problem->fixed);
        EXPECT_FALSE(find(after, key)) << find(after, key)->title.text();
        EXPECT_FALSE(after.firstError());
    }

    RunChecker m_checker{m_workshop};
};

TEST(RunCheckQueue, WhatMayPassUntilItsTurnKeepsNoRunOut) {
    const auto problem = [](ProblemSeverity severity, const std::string& key, bool mayPass) {
        RunProblem one;
        one.severity = severity;
        one.key = key;
        one.mayPass = mayPass;
        return one;
    };
    RunCheck check;
    EXPECT_FALSE(check.firstErrorInQueue());
    check.problems = {problem(ProblemSeverity::Error, "", true), problem(ProblemSeverity::Warning, "data", false)};
    EXPECT_TRUE(check.firstError());
    EXPECT_FALSE(check.firstErrorInQueue());
    check.problems.insert(check.problems.begin() + 1, problem(ProblemSeverity::Error, "model", false));
    EXPECT_EQ(check.firstErrorInQueue()->key, "model");
}

TEST_F(RunCheckTest, AGoodRunHasNoProblemsAndTheNumbersThatItWillHave) {
    RunConfig config = smallRun();
    config.training.maxSteps.reset();
    config.training.learningRate = 2e-4;
    config.data.evalFraction = 0.2;
    config.every.eval = 2;
    const RunCheck check = prepared(config);
    EXPECT_TRUE(check.problems.empty()) << check.problems.front().title.text() << check.problems.front().detail.text();
    EXPECT_FALSE(check.isProvisional);
    EXPECT_TRUE(check.fits);
    ASSERT_TRUE(check.peak && check.data && check.model && check.steps);
    EXPECT_EQ(check.peak->total(), estimateRun(m_workshop, config).peak.total());
    EXPECT_EQ(check.model->parameters, inspectModel(modelPath()).parameters);
    EXPECT_EQ(check.data->rows, 5);
    EXPECT_EQ(check.data->trainedRows, 4);
    EXPECT_EQ(check.data->evaluationRows, 1);
    EXPECT_EQ(check.data->format, "prompt_completion");

    train(config);
    const StartEvent start = eventsOf<StartEvent>().at(0);
    EXPECT_EQ(check.steps, start.steps);
    EXPECT_EQ(check.trainableParameters, start.trainableParameters);
    EXPECT_EQ(check.evaluations, int64_t(eventsOf<EvalEvent>().size()));
    EXPECT_EQ(check.stepsPerEpoch, 2);
    EXPECT_EQ(check.rowsPerStep, 2);
    EXPECT_FALSE(check.time);
}

TEST_F(RunCheckTest, TheTimeComesFromAFinishedRunOfTheSameModel) {
    RunConfig config = smallRun();
    train(config);
    const RunCheck check = prepared(config);
    ASSERT_TRUE(check.time);
    EXPECT_EQ(check.time->runName, "small");
    EXPECT_GT(check.time->tokensPerSecond, 0.0);
    EXPECT_NEAR(check.time->seconds * check.time->tokensPerSecond,
                3.0 * double(check.data->tokens) / double(*check.stepsPerEpoch), 1.0);
    config.model = "another";
    EXPECT_FALSE(prepared(config).time);
}

TEST_F(RunCheckTest, WithoutPreparationItAnswersWithTheLongestRowsThatCouldBe) {
    const RunConfig config = smallRun();
    const RunCheck quick = m_checker.check(config);
    EXPECT_TRUE(quick.isProvisional);
    EXPECT_FALSE(quick.data);
    ASSERT_TRUE(quick.peak);
    EXPECT_EQ(quick.tokensPerStep, 2 * 512);
    const RunCheck full = prepared(config);
    EXPECT_FALSE(full.isProvisional);
    EXPECT_LT(full.peak->total(), quick.peak->total());
    RunConfig shorter = config;
    shorter.data.maxLength = 34;
    const RunCheck derived = m_checker.check(shorter);
    EXPECT_TRUE(derived.isProvisional);
    ASSERT_TRUE(derived.data);
    EXPECT_EQ(derived.data->truncated, prepared(shorter).data->truncated);
    EXPECT_EQ(derived.data->longest, 34);
    EXPECT_GT(derived.data->truncated, 0);
}

TEST_F(RunCheckTest, AChangedFileIsReadAnew) {
    RunConfig config = smallRun();
    EXPECT_EQ(prepared(config).data->rows, 5);
    std::ofstream(config.data.train, std::ios::app) << R"({"prompt": "What is new?", "completion": "This."})" << '\n';
    EXPECT_TRUE(m_checker.check(config).isProvisional);
    EXPECT_EQ(prepared(config).data->rows, 6);
}

TEST_F(RunCheckTest, WhatIsMissingIsSaidWithoutAnException) {
    const RunCheck empty = prepared({});
    ASSERT_TRUE(find(empty, "model") && find(empty, "data.train"));
    EXPECT_FALSE(empty.peak);
    EXPECT_EQ(empty.firstError()->key, "model");

    RunConfig config = smallRun();
    config.model = "nobody";
    EXPECT_EQ(prepared(config).firstError()->key, "model");
    config = smallRun();
    config.data.train = m_folder / "absent.jsonl";
    EXPECT_EQ(prepared(config).firstError()->key, "data.train");
    config.data.train = writeRows("broken.jsonl", "{\"prompt\": 1");
    EXPECT_EQ(prepared(config).firstError()->key, "data.train");
    config.data.train = writeRows("nothing.jsonl", R"({"prompt": "", "completion": ""})");
    const RunCheck nothing = prepared(config);
    ASSERT_TRUE(nothing.firstError());
    EXPECT_EQ(nothing.firstError()->title.text(), "Nothing would be trained");
    config.lora.rank = 0;
    EXPECT_TRUE(find(prepared(config), "lora.r"));
    config = smallRun();
    config.lora.initFrom = m_folder / "no_adapter";
    EXPECT_EQ(prepared(config).firstError()->key, "lora.init_from");
}

TEST_F(RunCheckTest, TextsThatCanBeNoPathAreProblemsToo) {
    RunConfig config = smallRun();
    config.model = std::string(5000, 'm');
    config.data.train = std::string(5000, 'd');
    config.data.eval = std::string(5000, 'e');
    const RunCheck check = prepared(config);
    EXPECT_TRUE(find(check, "model") && find(check, "data.train"));
    config = smallRun();
    config.data.train = m_folder / "";
    EXPECT_EQ(prepared(config).firstError()->key, "data.train");
}

TEST_F(RunCheckTest, AModelWithoutATokenizerIsRefused) {
    RunConfig config = smallRun();
    config.model = m_folder / "bare";
    std::filesystem::create_directories(config.model);
    for (const char* name : {"config.json", "model.safetensors"})
        std::filesystem::copy(std::filesystem::path(modelPath()) / name, std::filesystem::path(config.model) / name);
    const RunCheck check = prepared(config);
    EXPECT_FALSE(check.isProvisional);
    ASSERT_TRUE(check.firstError());
    EXPECT_EQ(check.firstError()->title.text(), "The model's tokenizer cannot be used");
}

TEST_F(RunCheckTest, EachProblemIsGoneWithItsFix) {
    RunConfig config = smallRun();
    config.training.learningRate = 2e-3;
    EXPECT_EQ(find(prepared(config), "training.learning_rate")->title.text(), "Learning rate 10 x default");
    EXPECT_EQ(find(prepared(config), "training.learning_rate")->fixLabel.text(), "Use 2e-4");
    expectFixed(config, "training.learning_rate", ProblemSeverity::Warning);

    const RunConfig good = *find(prepared(config), "training.learning_rate")->fixed;
    config = good;
    config.lora.targetModules = std::vector<std::string>{"q_proj", "nonsense"};
    expectFixed(config, "lora.target_modules", ProblemSeverity::Warning);
    config.lora.targetModules = std::vector<std::string>{"nonsense"};
    expectFixed(config, "lora.target_modules", ProblemSeverity::Error);

    config = good;
    config.training.schedule = Schedule::Cosine;
    config.training.warmupSteps = 5;
    expectFixed(config, "training.warmup_steps", ProblemSeverity::Warning);
    config.training.schedule = Schedule::Constant;
    const RunCheck contradiction = prepared(config);
    ASSERT_TRUE(contradiction.firstError());
    EXPECT_EQ(contradiction.firstError()->fixed->training.schedule, Schedule::ConstantWithWarmup);

    config = good;
    config.data.maxLength = 34;
    expectFixed(config, "data.max_length", ProblemSeverity::Warning);
    config = good;
    config.training.optimizer = OptimizerType::AdamW8Bit;
    config.training.optimizerBudgetMb = 100;
    expectFixed(config, "training.optim_budget_mb", ProblemSeverity::Error);
    config = good;
    config.training.epochs = 2;
    expectFixed(config, "training.num_train_epochs", ProblemSeverity::Note);
    config = good;
    config.data.eval = writeRows("eval.jsonl", R"({"prompt": "", "completion": ""})");
    expectFixed(config, "data.eval", ProblemSeverity::Error);
    config = good;
    config.samples.prompts = {"Why?"};
    config.every.sample = 50;
    expectFixed(config, "every.sample", ProblemSeverity::Note);
}

TEST_F(RunCheckTest, ModulesThatAreTrainedAsAWholeCountAndMustBeSuch) {
    RunConfig config = smallRun();
    config.training.learningRate = 2e-4;
    const RunCheck plain = prepared(config);
    config.lora.modulesToSave = {"norm"};
    config.lora.useDora = true;
    const RunCheck check = prepared(config);
    EXPECT_FALSE(check.firstError());
    EXPECT_GT(check.trainableParameters, plain.trainableParameters);
    train(config);
    EXPECT_EQ(check.trainableParameters, eventsOf<StartEvent>().at(0).trainableParameters);
    config.lora.modulesToSave = {"mlp"}; // a group of modules
    expectFixed(config, "lora.modules_to_save", ProblemSeverity::Error);
}

TEST_F(RunCheckTest, AQuantizedModelIsPlannedAsItIsStored) {
    const std::string model = (m_folder / "quantized").string();
    quantizeModel({modelPath(), model, {QuantType::Nf4, 64, false}, 1});
    RunConfig config = smallRun();
    config.training.learningRate = 2e-4;
    config.model = model;
    config.quantization = {QuantType::Nf4, 64, false, std::nullopt};
    const EstimateResult same = estimateRun(m_workshop, config);
    for (const std::string& advice : same.advice)
        EXPECT_FALSE(advice.starts_with("quantization")) << advice;
    config.quantization.type = QuantType::None;
    EXPECT_EQ(estimateRun(m_workshop, config).peak.total(), same.peak.total());
    EXPECT_EQ(prepared(config).peak->total(), same.peak.total());
    train(config);
    EXPECT_EQ(eventsOf<StartEvent>().at(0).estimate.total(), same.peak.total());

    config.quantization = {QuantType::Nf4, 64, true, std::nullopt};
    expectError(ErrorCode::BadConfig, "quantized already", [&] { train(config); });
    expectError(ErrorCode::BadConfig, "quantized already", [&] { estimateRun(m_workshop, config); });
    config = smallFullRun();
    config.model = model;
    expectError(ErrorCode::BadConfig, "quantized already", [&] { train(config); });
    expectError(ErrorCode::BadConfig, "quantized already", [&] { estimateRun(m_workshop, config); });
}

TEST_F(RunCheckTest, TooManyTokensAtATimeAreRefusedBeforeAnythingIsCounted) {
    RunConfig config = smallRun();
    config.data.packing = true;
    config.data.maxLength = 128;
    config.training.batchSize = 2147483647;
    expectError(ErrorCode::BadConfig, "training.batch_size is 2147483647", [&] { train(config); });
    expectError(ErrorCode::BadConfig, "training.batch_size is 2147483647", [&] { estimateRun(m_workshop, config); });
    EXPECT_TRUE(find(prepared(config), "training.batch_size"));
}

TEST(RoomForRun, CountsTheCheckpointsThatThereWillBe) {
    constexpr int64_t kParameters = 1'000'000, kCheckpoint = 12 * kParameters;
    RunConfig config;
    config.every.save = 100;
    config.every.eval = 0;
    const auto checkpoints = [&](std::optional<int64_t> limit, std::optional<int64_t> steps) {
        config.training.saveTotalLimit = limit;
        return (roomForRun(config, kParameters, steps) - roomForNextSave(kParameters)) / kCheckpoint;
    };
    EXPECT_EQ(checkpoints(2, 10'000), 3);
    EXPECT_EQ(checkpoints(100'000, 1), 1);
    EXPECT_EQ(checkpoints(1000, 300), 4);
    EXPECT_EQ(checkpoints(std::nullopt, 10'000), 101) << "all are kept";
    EXPECT_EQ(checkpoints(9'000'000'000'000'000'000, 10'000), 101);
    EXPECT_EQ(checkpoints(9'000'000'000'000'000'000, std::nullopt), 3) << "not known yet";
    EXPECT_GT(checkpoints(std::nullopt, std::numeric_limits<int64_t>::max()), int64_t(1) << 32) << "not negative";
    config.every.eval = 50;
    EXPECT_EQ(checkpoints(std::nullopt, 1000), 11) << "the best one among them, or one more";
    config.every.save = 0;
    EXPECT_EQ(checkpoints(5, 1000), 1) << "that of a stop";
}

TEST_F(RunCheckTest, TheDiskNeedsWhatTheRunWillSave) {
    RunConfig config = smallRun();
    config.training.learningRate = 2e-4;
    config.every.save = 1;
    config.training.saveTotalLimit = 1'000'000'000;
    EXPECT_FALSE(find(prepared(config), "training.save_total_limit")) << "three steps save little";
    EXPECT_NO_THROW(train(config));
}

TEST_F(RunCheckTest, AFullFinetuningIsCheckedAsSuch) {
    RunConfig config = smallFullRun();
    config.training.maxSteps.reset();
    config.training.learningRate = 2e-5;
    const RunCheck good = prepared(config);
    EXPECT_TRUE(good.problems.empty()) << good.problems.front().title.text() << good.problems.front().detail.text();
    EXPECT_EQ(good.trainableParameters, good.model->parameters);
    EXPECT_EQ(good.trainableShare, 1.0);
    EXPECT_EQ((*good.peak)[MemoryTag::Gradients], 4 * good.model->parameters);
    EXPECT_EQ(good.peak->total(), estimateRun(m_workshop, config).peak.total());

    RunConfig bad = config;
    bad.training.learningRate = 2e-4;
    EXPECT_EQ(find(prepared(bad), "training.learning_rate")->title.text(), "Learning rate 10 x usual");
    expectFixed(bad, "training.learning_rate", ProblemSeverity::Warning);
    bad = config;
    bad.quantization = {};
    expectFixed(bad, "quantization.type", ProblemSeverity::Error);
    bad = config;
    bad.lora.useDora = true;
    expectFixed(bad, "lora.use_dora", ProblemSeverity::Error);
}

TEST_F(RunCheckTest, ThePlannedMemoryIsThatOfTheOptimizerAndItsBudget) {
    MemoryPlanner planner(readModelConfig(modelPath()), StoredType::F32, {});
    RunConfig config = smallRun();
    config.lora.rank = 256; // most tensors are large enough for 8 bits
    config.training.optimizer = OptimizerType::AdamW32Bit;
    const MemoryByTag whole = planner.peak(config);
    config.training.optimizer = OptimizerType::AdamW8Bit;
    EXPECT_LT(planner.peak(config)[MemoryTag::Optimizer], whole[MemoryTag::Optimizer] / 2);
    config.training.optimizer = OptimizerType::PagedAdamW32Bit;
    EXPECT_EQ(planner.peak(config)[MemoryTag::Optimizer], whole[MemoryTag::Optimizer]);
    config.training.optimizerBudgetMb = double(whole[MemoryTag::Optimizer] / 2) / (1 << 20);
    EXPECT_LE(planner.peak(config)[MemoryTag::Optimizer], whole[MemoryTag::Optimizer] / 2);
    EXPECT_LT(planner.peak(config).total(), whole.total());
}

TEST_F(RunCheckTest, ABudgetOfBitsIsPlannedWithAndRefusedWhereNoBlocksizesTakeIt) {
    RunConfig config = smallRun();
    config.quantization.blocksize.reset();
    const BitsRange possible = possibleBits(readModelConfig(modelPath()), QuantizationSpec());
    int64_t before = 0;
    for (const double bits : {possible.low, 0.5 * (possible.low + possible.high), possible.high}) {
        config.quantization.bitsPerParameter = bits;
        const RunCheck check = prepared(config);
        EXPECT_FALSE(check.firstError()) << check.firstError()->detail.text();
        ASSERT_TRUE(check.peak);
        EXPECT_GT((*check.peak)[MemoryTag::QuantState], before);
        before = (*check.peak)[MemoryTag::QuantState];
    }
    config.quantization.bitsPerParameter = possible.high + 1.0;
    const RunCheck check = prepared(config);
    ASSERT_TRUE(check.firstError());
    EXPECT_THAT(check.firstError()->detail.text(),
                testing::HasSubstr(fmt::format("{:.4f}", std::floor(1e4 * possible.high) / 1e4)));
    EXPECT_FALSE(check.peak);
    expectFixed(config, "quantization.bits_per_parameter", ProblemSeverity::Error);
    config.quantization.bitsPerParameter.reset();
    expectFixed(config, "quantization.bits_per_parameter", ProblemSeverity::Error);
    config.quantization.bitsPerParameter = possible.low;
    config.quantization.type = QuantType::None;
    expectFixed(config, "quantization.blocksize", ProblemSeverity::Error);
}

TEST_F(RunCheckTest, ACheckpointOfManyBlocksizesKeepsThem) {
    QuantizeRequest request{modelPath(), m_folder / "mixed", {}, 1};
    request.choosesBlocksizes = true;
    const Blocksizes blocksizes = quantizeModel(request).chosen->blocksizes;
    ASSERT_NE(*std::ranges::min_element(blocksizes), *std::ranges::max_element(blocksizes));
    RunConfig config = smallRun();
    config.model = m_folder / "mixed";
    for (const std::optional<double>& bits : {std::optional<double>(), std::optional(4.2)}) {
        config.quantization.blocksize = bits ? std::nullopt : std::optional(64);
        config.quantization.bitsPerParameter = bits;
        const RunCheck refused = prepared(config);
        const RunProblem* problem = find(refused, "quantization.type");
        ASSERT_TRUE(problem);
        EXPECT_EQ(problem->severity, ProblemSeverity::Error);
        ASSERT_TRUE(problem->fixed);
        EXPECT_FALSE(prepared(*problem->fixed).firstError());
    }
    config.quantization = {QuantType::None, 64, true, std::nullopt};
    const RunCheck check = prepared(config);
    ASSERT_TRUE(check.peak);
    const EndEvent end = train(config);
    EXPECT_EQ((*check.peak)[MemoryTag::QuantState], end.peak[MemoryTag::QuantState]);
    EXPECT_EQ(readTrainedOver(*end.adapter)->blocksizes, blocksizes);
}

TEST_F(RunCheckTest, ARunThatDoesNotFitIsMadeToFitByWhatCostsLeast) {
    ModelConfig model = readModelConfig(modelPath());
    MemoryPlanner planner(model, StoredType::F32, {});
    RunConfig config = smallRun();
    config.training.batchSize = 8;
    config.training.accumulationSteps = 2;
    config.training.gradientCheckpointing = false;
    RunConfig checkpointed = config;
    checkpointed.training.gradientCheckpointing = true;
    const int64_t asked = planner.peak(config).total();
    const int64_t limit = planner.peak(checkpointed).total();
    ASSERT_LT(limit, asked);

    EXPECT_TRUE(makeItFit(planner, config, asked).steps.empty());
    const FitPlan plan = makeItFit(planner, config, limit);
    EXPECT_TRUE(plan.fits);
    ASSERT_EQ(plan.steps.size(), 1u);
    EXPECT_EQ(plan.steps[0].setting, "training.gradient_checkpointing true");
    EXPECT_EQ(plan.config, checkpointed);
    EXPECT_EQ(plan.steps[0].peak, limit);
    EXPECT_EQ(planner.peak(plan.config).total(), plan.peak);

    const FitPlan never = makeItFit(planner, config, 1);
    EXPECT_FALSE(never.fits);
    EXPECT_TRUE(never.steps.empty());
    EXPECT_LT(never.peak, plan.peak);
    EXPECT_EQ(never.config.lora.rank, 8);

    // A little less than checkpointing leaves is had with one row at a time.
    RunConfig oneRow = config;
    oneRow.training.batchSize = 1;
    oneRow.training.accumulationSteps = 16;
    const FitPlan both = makeItFit(planner, config, limit - 1);
    ASSERT_TRUE(both.fits);
    EXPECT_LE(both.peak, limit - 1);
    EXPECT_EQ(both.steps.back().peak, both.peak);
    EXPECT_EQ(both.steps.back().setting, "training.batch_size 1 and training.gradient_accumulation_steps 16");
    EXPECT_EQ(both.steps.size() == 1, planner.peak(oneRow).total() <= limit - 1);
}

TEST_F(RunCheckTest, AMicroBatchBeyondAllMemoryIsRefusedAtOnce) {
    RunConfig config = smallRun();
    config.data.packing = true;
    config.training.batchSize = 2147483647;
    const RunCheck check = prepared(config);
    ASSERT_TRUE(check.firstError());
    EXPECT_EQ(check.firstError()->key, "training.batch_size");
    EXPECT_FALSE(check.peak);
}

/// A bound ten times what it takes, for machines under load.
TEST_F(RunCheckTest, FollowsEachKeystroke) {
    RunConfig config = smallRun();
    std::string rows;
    for (int i = 0; i < 20000; ++i)
        rows += fmt::format("{{\"prompt\": \"What is {}?\", \"completion\": \"It is {}.\"}}\n", i, i * i);
    config.data.train = writeRows("many.jsonl", rows);
    config.data.evalFraction = 0.05;
    config.training.maxSteps.reset();
    prepared(config);
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 1; i <= 20; ++i) {
        config.lora.rank = i;
        config.training.learningRate = 1e-5 * i;
        config.training.accumulationSteps = i;
        EXPECT_FALSE(m_checker.check(config).isProvisional);
    }
    const std::chrono::duration<double> each = (std::chrono::steady_clock::now() - begin) / 20;
    EXPECT_LT(each.count(), 0.05);
    RecordProperty("milliseconds", fmt::format("{:.1f}", each.count() * 1e3));
}

} // namespace
} // namespace lorikeet
