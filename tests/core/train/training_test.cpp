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
#include "tests/support/errors.h"
#include "tests/support/measured.h"

namespace lorikeet {
namespace {

nlohmann::json golden() {
    return nlohmann::json::parse(readTextFile(sourceFile("tests/data/train/training.json")));
}

/// A backend of one thread and a folder to train into.
class Training : public testing::Test {
protected:
    TinyRun makeRun(const RunConfig& config) { return TinyRun(m_backend, config); }
    EndEvent train(TinyRun& run, std::stop_token stop = {}) { return run.train(m_folder.path(), std::move(stop)); }
    /// The parameters of the adapter that was saved in `folder`.
    std::vector<float> savedValues(RunConfig config, const std::filesystem::path& folder) {
        config.lora.initFrom = folder.string();
        return makeRun(config).parameterValues();
    }
    std::filesystem::path checkpoint(int step) const {
        return m_folder / "checkpoints" / ("step-" + std::to_string(step));
    }

    TemporaryFolder m_folder;
    CpuBackend m_backend{1};
};

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
    double loss = 0.0, norm = 0.0, parameter = 0.0;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        loss = worse(loss, std::abs(steps[i].loss - double(expected[i].at("loss"))));
        norm = worse(norm, std::abs(steps[i].gradNorm - double(expected[i].at("grad_norm"))));
        EXPECT_NEAR(steps[i].learningRate, double(expected[i].at("learning_rate")), 1e-9) << "step " << i + 1;
    }

    RunConfig last = config;
    last.lora.initFrom = sourceFile("tests/data/train/last_adapter").string();
    const std::vector<float> ours = run.parameterValues();
    const std::vector<float> theirs = TinyRun(backend, last).parameterValues();
    ASSERT_EQ(ours.size(), theirs.size());
    for (std::size_t i = 0; i < ours.size(); ++i)
        parameter = worse(parameter, std::abs(double(ours[i]) - double(theirs[i])));
    expectMeasured("loss", loss, 2e-4);
    expectMeasured("gradient_norm", norm, 1e-3);
    expectMeasured("parameter", parameter, 1e-4);
}

TEST_F(Training, TwentyStepsEqualPyTorchWithPeft) {
    expectGoldenSteps(goldenConfig());
}

TEST_F(Training, CheckpointingChangesNothingInTheSteps) {
    RunConfig config = goldenConfig();
    config.training.gradientCheckpointing = true;
    expectGoldenSteps(config);
}

TEST_F(Training, CuttingAStepIntoOtherMicroBatchesChangesNothing) {
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

TEST_F(Training, NoiseOnEmbeddingsIsInTheTrainingPassOnly) {
    std::vector<double> losses, evaluations;
    for (const double alpha : {0.0, 5.0}) {
        RunConfig config = goldenConfig();
        config.training.neftuneNoiseAlpha = alpha;
        config.training.learningRate = 0.0;
        config.training.maxSteps = 2;
        config.every.eval = 1;
        TinyRun run = makeRun(config);
        run.evaluates = true;
        train(run);
        losses.push_back(run.steps().back().loss);
        evaluations.push_back(run.eventsOf<EvalEvent>().back().loss);
    }
    EXPECT_NE(losses[0], losses[1]);
    EXPECT_EQ(evaluations[0], evaluations[1]);
}

TEST_F(Training, EightBitAdamWLearnsAsFarAs32BitsDo) {
    std::vector<double> last;
    for (const OptimizerType type : {OptimizerType::AdamW32Bit, OptimizerType::AdamW8Bit}) {
        RunConfig config = goldenConfig();
        config.lora.initFrom.clear();
        config.lora.rank = 128; // all tensors are large enough
        config.training.optimizer = type;
        TinyRun run = makeRun(config);
        train(run);
        EXPECT_LT(run.steps().back().loss, 0.9 * run.steps().front().loss);
        last.push_back(run.steps().back().loss);
    }
    EXPECT_NE(last[0], last[1]);
    EXPECT_NEAR(last[0], last[1], 0.005 * last[0]);
}

TEST_F(Training, GivesTheSameBitsOnAnyNumberOfThreadsAndWhenRunAgain) {
    std::vector<std::vector<float>> results;
    std::vector<double> losses;
    for (const int threads : {1, 1, 2, 3}) {
        CpuBackend backend(threads);
        TinyRun run(backend, quantizedConfig());
        train(run);
        results.push_back(run.parameterValues());
        losses.push_back(run.steps().back().loss);
    }
    for (std::size_t i = 1; i < results.size(); ++i) {
        EXPECT_EQ(results[i], results[0]);
        EXPECT_EQ(losses[i], losses[0]);
    }
    RunConfig other = quantizedConfig();
    other.training.seed = 43;
    TinyRun run = makeRun(other);
    train(run);
    EXPECT_NE(run.parameterValues(), results[0]);
}

TEST_F(Training, TheAdapterThatItSavesIsTheOneItTrained) {
    TinyRun run = makeRun(quantizedConfig());
    const EndEvent end = train(run);
    ASSERT_EQ(end.adapter, m_folder / "adapter");
    EXPECT_EQ(savedValues(quantizedConfig(), *end.adapter), run.parameterValues());
    const std::optional<TrainedOver> note = readTrainedOver(*end.adapter);
    ASSERT_TRUE(note);
    EXPECT_EQ(note->model, "tiny");
}

TEST_F(Training, LoraPlusMovesTheBMatricesFaster) {
    RunConfig config = goldenConfig();
    config.training.maxSteps = 2;
    config.training.schedule = Schedule::Constant;
    config.training.warmupSteps = 0;
    config.training.weightDecay = 0;
    const auto movedBy = [&](const std::string& part) {
        TinyRun run = makeRun(config);
        const std::vector<float> before = run.parameterValues();
        train(run);
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

TEST_F(Training, AStoppedRunDropsTheStepUnderWayAndSavesItsAdapter) {
    TinyRun run = makeRun(goldenConfig());
    std::stop_source stop;
    run.listener = [&](const RunEvent& event) {
        if (const auto* step = std::get_if<StepEvent>(&event); step && step->step == 3)
            stop.request_stop();
    };
    const EndEvent end = train(run, stop.get_token());
    EXPECT_EQ(end.outcome, RunOutcome::Stopped);
    EXPECT_EQ(end.steps, 3);
    EXPECT_EQ(run.steps().size(), 3u);
    ASSERT_TRUE(end.adapter);
    EXPECT_EQ(savedValues(goldenConfig(), *end.adapter), run.parameterValues());
}

TEST_F(Training, ALossThatIsNotFiniteFailsTheRunAndIsNotSaved) {
    RunConfig config = goldenConfig();
    config.every.save = 1;
    TinyRun run = makeRun(config);
    const Parameter& poisoned = run.adapter().parameters().back();
    std::vector<float> before;
    run.listener = [&](const RunEvent& event) {
        if (const auto* checkpoint = std::get_if<CheckpointEvent>(&event); checkpoint && checkpoint->step == 2) {
            m_backend.fill(run.context(), poisoned.value, std::numeric_limits<float>::infinity());
            before = run.parameterValues();
        }
    };
    const EndEvent end = train(run);
    EXPECT_EQ(end.outcome, RunOutcome::Failed);
    EXPECT_EQ(end.steps, 2);
    EXPECT_THAT(end.reason, testing::HasSubstr("learning_rate"));
    EXPECT_FALSE(end.adapter);
    EXPECT_FALSE(std::filesystem::exists(m_folder / "adapter"));
    EXPECT_TRUE(std::filesystem::exists(checkpoint(2)));
    EXPECT_EQ(run.parameterValues(), before);
}

TEST_F(Training, AnErrorOnTheWaySavesWhatWasTrainedAndSaysWhere) {
    RunConfig config = goldenConfig();
    config.every.sample = 3;
    config.samples.prompts = {"5"};
    for (const bool isStandard : {false, true}) {
        TinyRun run = makeRun(config);
        run.sample = [&](const std::string&, std::stop_token) -> std::string {
            if (isStandard)
                throw std::bad_alloc();
            fail(ErrorCode::OutOfMemory, "1 GB could not be allocated");
        };
        const Error error = errorOf([&] { train(run); });
        EXPECT_EQ(error.code(), ErrorCode::OutOfMemory);
        EXPECT_THAT(error.message(), testing::HasSubstr("after step 3 is in " + checkpoint(3).string()));
        EXPECT_EQ(savedValues(config, checkpoint(3)), run.parameterValues());
        ASSERT_EQ(run.eventsOf<CheckpointEvent>().size(), 1u);
        EXPECT_EQ(run.eventsOf<CheckpointEvent>()[0].step, 3);
        EXPECT_FALSE(std::filesystem::exists(m_folder / "adapter"));
        std::filesystem::remove_all(checkpoint(3));
    }
}

TEST_F(Training, AnErrorOnTheWaySavesNothingThatIsNotFinite) {
    RunConfig config = goldenConfig();
    config.every.sample = 2;
    config.samples.prompts = {"5"};
    TinyRun run = makeRun(config);
    run.sample = [&](const std::string&, std::stop_token) -> std::string {
        m_backend.fill(run.context(), run.adapter().parameters().back().value, std::numeric_limits<float>::quiet_NaN());
        fail(ErrorCode::Io, "the disk is gone");
    };
    EXPECT_EQ(errorOf([&] { train(run); }).message(), "the disk is gone");
    EXPECT_FALSE(std::filesystem::exists(m_folder / "checkpoints"));
}

TEST_F(Training, KeepsTheNewestCheckpointsAndTellsWhichItDropped) {
    RunConfig config = goldenConfig();
    config.training.maxSteps = 9;
    config.every.save = 2;
    config.training.saveTotalLimit = 2;
    TinyRun run = makeRun(config);
    train(run);
    const auto checkpoints = run.eventsOf<CheckpointEvent>();
    ASSERT_EQ(checkpoints.size(), 4u);
    EXPECT_EQ(checkpoints[2].dropped, std::vector<int64_t>{2});
    EXPECT_FALSE(std::filesystem::exists(checkpoint(4)));
    EXPECT_TRUE(std::filesystem::exists(checkpoint(6) / "adapter_model.safetensors"));
    EXPECT_TRUE(std::filesystem::exists(checkpoint(8) / "adapter_model.safetensors"));
}

TEST_F(Training, ACheckpointThatCannotBeSavedIsAWarning) {
    RunConfig config = goldenConfig();
    config.training.maxSteps = 3;
    config.every.save = 2;
    TinyRun run = makeRun(config);
    std::ofstream(m_folder / "checkpoints") << "in the way";
    const EndEvent end = train(run);
    EXPECT_EQ(end.outcome, RunOutcome::Finished);
    ASSERT_EQ(run.eventsOf<WarningEvent>().size(), 1u);
    EXPECT_THAT(run.eventsOf<WarningEvent>()[0].text, testing::HasSubstr("step 2"));
}

TEST_F(Training, EvaluatesAndDrawsSamplesWhenDue) {
    RunConfig config = goldenConfig();
    config.training.maxSteps = 5;
    config.every.log = 2;
    config.every.eval = 2;
    config.every.sample = 3;
    config.samples.prompts = {"5 6"};
    TinyRun run = makeRun(config);
    run.evaluates = true;
    run.sample = [](const std::string& prompt, std::stop_token) { return prompt + "!"; };
    train(run);

    const auto evaluations = run.eventsOf<EvalEvent>();
    ASSERT_EQ(evaluations.size(), 3u);
    EXPECT_EQ(evaluations[1].step, 4);
    EXPECT_EQ(evaluations[2].step, 5);
    const LossSum loss = evaluateLoss(run.context(), run.base(), &run.adapter(), run.rows(), 3);
    EXPECT_NEAR(evaluations[2].loss, loss.mean(), 1e-6);
    const auto samples = run.eventsOf<SampleEvent>();
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

TEST_F(Training, GoesOnWithoutASampleThatTheModelCannotDraw) {
    RunConfig config = goldenConfig();
    config.training.maxSteps = 2;
    config.every.sample = 1;
    config.samples.prompts = {"too long"};
    TinyRun run = makeRun(config);
    run.sample = [](const std::string&, std::stop_token) -> std::string {
        fail(ErrorCode::BadConfig, "the prompt has 9 tokens, but the model has 8 positions");
    };
    train(run);

    EXPECT_EQ(run.steps().size(), 2u);
    EXPECT_TRUE(run.eventsOf<SampleEvent>().empty());
    const auto warnings = run.eventsOf<WarningEvent>();
    ASSERT_EQ(warnings.size(), 2u);
    EXPECT_NE(warnings[0].text.find("too long"), std::string::npos);
    EXPECT_NE(warnings[0].text.find("8 positions"), std::string::npos);
}

TEST_F(Training, PlansTheStepsOfWholeAndPartialEpochs) {
    TinyRun run = makeRun(goldenConfig());
    TrainingConfig training;
    EXPECT_EQ(plannedSteps(training, run.planner()), 18); // 22 rows, four to a step
    training.epochs = 1.5;
    EXPECT_EQ(plannedSteps(training, run.planner()), 9);
    training.epochs = 0.01;
    EXPECT_EQ(plannedSteps(training, run.planner()), 1);
    training.epochs = 2.2; // 2.2 - 2 is a little more than 0.2
    EXPECT_EQ(plannedSteps(training, [](int64_t) { return 5; }), 11);
    training.epochs = 2.3;
    EXPECT_EQ(plannedSteps(training, [](int64_t) { return 5; }), 12);
    training.epochs = 1.5; // epochs that are packed anew
    EXPECT_EQ(plannedSteps(training, [](int64_t epoch) { return epoch == 0 ? 7 : 9; }), 12);
    training.maxSteps = 5;
    EXPECT_EQ(plannedSteps(training, run.planner()), 5);
}

} // namespace
} // namespace lorikeet
