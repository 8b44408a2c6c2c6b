// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <fstream>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/files.h"
#include "tests/core/train/training_fixture.h"

namespace lorikeet {
namespace {

nlohmann::json golden() {
    return nlohmann::json::parse(readTextFile(sourceFile("tests/data/train/training.json")));
}

template <typename Event>
std::vector<Event> eventsOf(const TinyRun& run) {
    std::vector<Event> found;
    for (const RunEvent& event : run.events())
        if (const auto* one = std::get_if<Event>(&event))
            found.push_back(*one);
    return found;
}

void expectGoldenSteps(const RunConfig& config) {
    const TemporaryFolder folder;
    CpuBackend backend(2);
    TinyRun run(backend, config);
    const EndEvent end = run.train(folder.path());
    EXPECT_EQ(end.outcome, RunOutcome::Finished);
    EXPECT_EQ(end.steps, 20);
    const std::vector<StepEvent> steps = run.steps();
    const nlohmann::json expected = golden().at("steps");
    ASSERT_EQ(steps.size(), expected.size());
    for (std::size_t i = 0; i < steps.size(); ++i) {
        EXPECT_NEAR(steps[i].loss, double(expected[i].at("loss")), 2e-4) << "step " << i + 1;
        EXPECT_NEAR(steps[i].gradNorm, double(expected[i].at("grad_norm")), 1e-3) << "step " << i + 1;
        EXPECT_NEAR(steps[i].learningRate, double(expected[i].at("learning_rate")), 1e-9) << "step " << i + 1;
    }

    RunConfig last = config;
    last.lora.initFrom = sourceFile("tests/data/train/last_adapter").string();
    const std::vector<float> ours = run.parameterValues();
    const std::vector<float> theirs = TinyRun(backend, last).parameterValues();
    ASSERT_EQ(ours.size(), theirs.size());
    for (std::size_t i = 0; i < ours.size(); ++i)
        ASSERT_NEAR(ours[i], theirs[i], 1e-4) << "parameter " << i;
}

TEST(Trainer, TwentyStepsEqualPyTorchWithPeft) {
    expectGoldenSteps(goldenConfig());
}

TEST(Trainer, CheckpointingChangesNothingInTheSteps) {
    RunConfig config = goldenConfig();
    config.training.gradientCheckpointing = true;
    expectGoldenSteps(config);
}

TEST(Trainer, CuttingAStepIntoOtherMicroBatchesChangesNothing) {
    RunConfig config = goldenConfig();
    config.training.batchSize = 4;
    config.training.accumulationSteps = 1;
    expectGoldenSteps(config);
    config = goldenConfig();
    config.data.maxTokensPerBatch = 20;
    expectGoldenSteps(config);
}

/// A short run in bfloat16 over 4-bit weights with dropout, whose rows are shuffled.
RunConfig quantizedConfig() {
    RunConfig config = goldenConfig();
    config.quantization = {};
    config.computeType = DType::BF16;
    config.lora = {};
    config.lora.dropout = 0.1;
    config.data.shuffle = true;
    config.training.maxSteps = 4;
    config.training.gradientCheckpointing = true;
    return config;
}

TEST(Trainer, GivesTheSameBitsOnAnyNumberOfThreadsAndWhenRunAgain) {
    const TemporaryFolder folder;
    std::vector<std::vector<float>> results;
    std::vector<double> losses;
    for (const int threads : {1, 1, 2, 3}) {
        CpuBackend backend(threads);
        TinyRun run(backend, quantizedConfig());
        run.train(folder.path());
        results.push_back(run.parameterValues());
        losses.push_back(run.steps().back().loss);
    }
    for (std::size_t i = 1; i < results.size(); ++i) {
        EXPECT_EQ(results[i], results[0]);
        EXPECT_EQ(losses[i], losses[0]);
    }
    RunConfig other = quantizedConfig();
    other.training.seed = 43;
    CpuBackend backend(1);
    TinyRun run(backend, other);
    run.train(folder.path());
    EXPECT_NE(run.parameterValues(), results[0]);
}

TEST(Trainer, TheAdapterThatItSavesIsTheOneItTrained) {
    const TemporaryFolder folder;
    CpuBackend backend(1);
    TinyRun run(backend, quantizedConfig());
    const EndEvent end = run.train(folder.path());
    ASSERT_EQ(end.adapter, folder / "adapter");
    RunConfig next = quantizedConfig();
    next.lora.initFrom = end.adapter->string();
    EXPECT_EQ(TinyRun(backend, next).parameterValues(), run.parameterValues());
    const std::optional<TrainedOver> note = readTrainedOver(*end.adapter);
    ASSERT_TRUE(note);
    EXPECT_EQ(note->model, "tiny");
}

TEST(Trainer, LoraPlusMovesTheBMatricesFaster) {
    const TemporaryFolder folder;
    CpuBackend backend(1);
    RunConfig config = goldenConfig();
    config.training.maxSteps = 2;
    config.training.schedule = Schedule::Constant;
    config.training.warmupSteps = 0;
    config.training.weightDecay = 0;
    const auto movedBy = [&](const std::string& part) {
        TinyRun run(backend, config);
        const std::vector<float> before = run.parameterValues();
        run.train(folder.path());
        const std::vector<float> after = run.parameterValues();
        double moved = 0.0;
        std::size_t at = 0;
        for (const Parameter& parameter : run.adapter().parameters())
            for (int64_t i = 0; i < parameter.value.view().elements(); ++i, ++at)
                if (parameter.name.find(part) != std::string::npos)
                    moved += std::abs(double(after[at]) - double(before[at]));
        return moved;
    };
    // Adam's first steps have the size of the learning rate, whatever the gradient.
    const double a = movedBy("lora_A"), b = movedBy("lora_B");
    config.lora.loraPlusRatio = 4.0;
    EXPECT_NEAR(movedBy("lora_A") / a, 1.0, 0.2);
    EXPECT_NEAR(movedBy("lora_B") / b, 4.0, 0.8);
}

TEST(Trainer, AStoppedRunDropsTheStepUnderWayAndSavesItsAdapter) {
    const TemporaryFolder folder;
    CpuBackend backend(1);
    TinyRun run(backend, goldenConfig());
    std::stop_source stop;
    run.listener = [&](const RunEvent& event) {
        if (const auto* step = std::get_if<StepEvent>(&event); step && step->step == 3)
            stop.request_stop();
    };
    const EndEvent end = run.train(folder.path(), stop.get_token());
    EXPECT_EQ(end.outcome, RunOutcome::Stopped);
    EXPECT_EQ(end.steps, 3);
    EXPECT_EQ(run.steps().size(), 3u);
    ASSERT_TRUE(end.adapter);
    RunConfig next = goldenConfig();
    next.lora.initFrom = end.adapter->string();
    EXPECT_EQ(TinyRun(backend, next).parameterValues(), run.parameterValues());
}

TEST(Trainer, ALossThatIsNotFiniteFailsTheRunAndIsNotSaved) {
    const TemporaryFolder folder;
    CpuBackend backend(1);
    RunConfig config = goldenConfig();
    config.every.save = 1;
    TinyRun run(backend, config);
    const Parameter& poisoned = run.adapter().parameters().back();
    std::vector<float> before;
    run.listener = [&](const RunEvent& event) {
        if (const auto* checkpoint = std::get_if<CheckpointEvent>(&event); checkpoint && checkpoint->step == 2) {
            backend.fill(run.context(), poisoned.value, std::numeric_limits<float>::infinity());
            before = run.parameterValues();
        }
    };
    const EndEvent end = run.train(folder.path());
    EXPECT_EQ(end.outcome, RunOutcome::Failed);
    EXPECT_EQ(end.steps, 2);
    EXPECT_THAT(end.reason, testing::HasSubstr("learning_rate"));
    EXPECT_FALSE(end.adapter);
    EXPECT_FALSE(std::filesystem::exists(folder / "adapter"));
    EXPECT_TRUE(std::filesystem::exists(folder / "checkpoints" / "step-2"));
    EXPECT_EQ(run.parameterValues(), before);
}

TEST(Trainer, KeepsTheNewestCheckpointsAndTellsWhichItDropped) {
    const TemporaryFolder folder;
    CpuBackend backend(1);
    RunConfig config = goldenConfig();
    config.training.maxSteps = 9;
    config.every.save = 2;
    config.training.saveTotalLimit = 2;
    TinyRun run(backend, config);
    run.train(folder.path());
    const auto checkpoints = eventsOf<CheckpointEvent>(run);
    ASSERT_EQ(checkpoints.size(), 4u);
    EXPECT_EQ(checkpoints[2].dropped, std::vector<int64_t>{2});
    EXPECT_FALSE(std::filesystem::exists(folder / "checkpoints" / "step-4"));
    EXPECT_TRUE(std::filesystem::exists(folder / "checkpoints" / "step-6" / "adapter_model.safetensors"));
    EXPECT_TRUE(std::filesystem::exists(folder / "checkpoints" / "step-8" / "adapter_model.safetensors"));
}

TEST(Trainer, ACheckpointThatCannotBeSavedIsAWarning) {
    const TemporaryFolder folder;
    CpuBackend backend(1);
    RunConfig config = goldenConfig();
    config.training.maxSteps = 3;
    config.every.save = 2;
    TinyRun run(backend, config);
    std::ofstream(folder / "checkpoints") << "in the way";
    const EndEvent end = run.train(folder.path());
    EXPECT_EQ(end.outcome, RunOutcome::Finished);
    ASSERT_EQ(eventsOf<WarningEvent>(run).size(), 1u);
    EXPECT_THAT(eventsOf<WarningEvent>(run)[0].text, testing::HasSubstr("step 2"));
}

TEST(Trainer, EvaluatesAndDrawsSamplesWhenDue) {
    const TemporaryFolder folder;
    CpuBackend backend(1);
    RunConfig config = goldenConfig();
    config.training.maxSteps = 5;
    config.every.log = 2;
    config.every.eval = 2;
    config.every.sample = 3;
    config.samples.prompts = {"5 6"};
    TinyRun run(backend, config);
    run.evaluates = true;
    run.sample = [](const std::string& prompt, std::stop_token) { return prompt + "!"; };
    run.train(folder.path());

    const auto evaluations = eventsOf<EvalEvent>(run);
    ASSERT_EQ(evaluations.size(), 3u);
    EXPECT_EQ(evaluations[1].step, 4);
    EXPECT_EQ(evaluations[2].step, 5);
    const LossSum loss = evaluateLoss(run.context(), run.base(), &run.adapter(), run.rows(), 3);
    EXPECT_NEAR(evaluations[2].loss, loss.mean(), 1e-6);
    const auto samples = eventsOf<SampleEvent>(run);
    ASSERT_EQ(samples.size(), 2u);
    EXPECT_EQ(samples[0].step, 3);
    EXPECT_EQ(samples[0].text, "5 6!");
    const std::vector<StepEvent> steps = run.steps();
    ASSERT_EQ(steps.size(), 3u);
    EXPECT_EQ(steps[2].step, 5);
    EXPECT_GT(steps[0].memory[MemoryTag::Optimizer], 0);
    EXPECT_GT(steps[0].memory[MemoryTag::Activations], 0);
    EXPECT_GT(steps[0].tokensPerSecond, 0.0);
}

TEST(Trainer, GoesOnWithoutASampleThatTheModelCannotDraw) {
    const TemporaryFolder folder;
    CpuBackend backend(1);
    RunConfig config = goldenConfig();
    config.training.maxSteps = 2;
    config.every.sample = 1;
    config.samples.prompts = {"too long"};
    TinyRun run(backend, config);
    run.sample = [](const std::string&, std::stop_token) -> std::string {
        fail(ErrorCode::BadConfig, "the prompt has 9 tokens, but the model has 8 positions");
    };
    run.train(folder.path());

    EXPECT_EQ(run.steps().size(), 2u);
    EXPECT_TRUE(eventsOf<SampleEvent>(run).empty());
    const auto warnings = eventsOf<WarningEvent>(run);
    ASSERT_EQ(warnings.size(), 2u);
    EXPECT_NE(warnings[0].text.find("too long"), std::string::npos);
    EXPECT_NE(warnings[0].text.find("8 positions"), std::string::npos);
}

TEST(Trainer, PlansTheStepsOfWholeAndPartialEpochs) {
    CpuBackend backend(1);
    TinyRun run(backend, goldenConfig());
    TrainingConfig training;
    EXPECT_EQ(plannedSteps(training, run.planner()), 18); // 22 rows, four to a step
    training.epochs = 1.5;
    EXPECT_EQ(plannedSteps(training, run.planner()), 9);
    training.epochs = 0.01;
    EXPECT_EQ(plannedSteps(training, run.planner()), 1);
    training.maxSteps = 5;
    EXPECT_EQ(plannedSteps(training, run.planner()), 5);
}

} // namespace
} // namespace lorikeet
