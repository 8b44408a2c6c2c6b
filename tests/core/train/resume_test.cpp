// SPDX-License-Identifier: GPL-3.0-or-later
#include <map>

#include <gmock/gmock.h>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/train/run_history.h"
#include "tests/core/train/training_fixture.h"
#include "tests/support/errors.h"

namespace lorikeet {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// What a test throws in place of kill -9: nothing of the trainer knows it.
struct Killed {};

/// What a run leaves: everything that is the same on each machine and each day.
struct Results {
    std::vector<float> values;
    std::map<std::pair<int64_t, std::string>, std::string> metrics; ///< by step and kind

    bool operator==(const Results&) const = default;
};

void note(Results& results, const RunEvent& event) {
    if (const auto* step = std::get_if<StepEvent>(&event))
        results.metrics[{step->step, "step"}] =
            fmt::format("{:a} {:a} {:a} {} {} {:a} {}", step->loss, step->gradNorm, step->learningRate, step->tokens,
                        step->trainedTokens, step->epoch, step->totalTokens);
    else if (const auto* eval = std::get_if<EvalEvent>(&event))
        results.metrics[{eval->step, "eval"}] = fmt::format("{:a}", eval->loss);
    else if (const auto* sample = std::get_if<SampleEvent>(&event))
        results.metrics[{sample->step, "sample of " + sample->prompt}] = sample->text;
}

struct Case {
    std::string name;
    RunConfig config;
};

/// Three epochs of shuffled rows with dropout over 4-bit weights, evaluations and samples.
RunConfig wholeConfig() {
    RunConfig config = goldenConfig();
    config.quantization = {};
    config.computeType = DType::BF16;
    config.lora = {};
    config.lora.rank = 4;
    config.lora.dropout = 0.1;
    config.data.shuffle = true;
    config.training.maxSteps.reset();
    config.training.epochs = 3;
    config.training.batchSize = 3;
    config.training.accumulationSteps = 2;
    config.every = {.log = 1, .eval = 3, .sample = 4, .save = 2};
    config.samples.prompts = {"5", "6"};
    return config;
}

std::vector<Case> cases() {
    std::vector<Case> all{{"Epochs", wholeConfig()}};
    RunConfig config = wholeConfig();
    config.data.packing = true;
    config.data.maxLength = 24;
    config.training.batchSize = 1;
    config.training.accumulationSteps = 3;
    all.push_back({"Packing", config});
    config = wholeConfig();
    config.data.maxTokensPerBatch = 30;
    config.training.accumulationSteps = 3;
    config.every.log = 2;
    all.push_back({"TokenBatches", config});
    config = wholeConfig();
    config.training.learningRate = 0.3;
    config.training.epochs = 4;
    config.training.earlyStoppingPatience = 2;
    config.every.eval = 1;
    config.every.sample = 0;
    all.push_back({"EarlyStopping", config});
    config = wholeConfig();
    config.every.save = 0;
    config.computeType = DType::F32;
    config.quantization.type = QuantType::None;
    all.push_back({"NoCheckpoints", config});
    config = wholeConfig();
    config.lora.rank = 128; // some moments have 8 bits, others are too few for them
    config.lora.loraPlusRatio = 4.0;
    config.training.optimizer = OptimizerType::PagedAdamW8Bit;
    config.training.optimizerBudgetMb = 0.05;
    config.training.neftuneNoiseAlpha = 5.0;
    config.training.weightDecay = 0.01;
    config.training.schedule = Schedule::Cosine;
    config.training.warmupSteps = 2;
    all.push_back({"PagedEightBit", config});
    config = wholeConfig();
    config.lora.useDora = true;
    all.push_back({"Dora", config});
    config = wholeConfig();
    config.lora.targetModules = std::vector<std::string>{"q_proj", "v_proj", "up_proj"};
    config.lora.modulesToSave = {"norm", "down_proj"};
    config.training.optimizer = OptimizerType::AdamW8Bit;
    all.push_back({"WholeModules", config});
    config = wholeConfig();
    config.method = Method::Full;
    config.quantization = quantizationFor(Method::Full);
    config.lora = {};
    all.push_back({"FullFinetuning", config});
    config.training.optimizer = OptimizerType::PagedAdamW8Bit;
    config.training.optimizerBudgetMb = 0.025; // a page
    config.training.learningRate = 1e-3;
    config.training.weightDecay = 0.01;
    config.training.gradientCheckpointing = true;
    config.training.neftuneNoiseAlpha = 5.0;
    all.push_back({"FullPagedEightBit", config});
    return all;
}

class Resume : public testing::TestWithParam<Case> {
protected:
    static const RunConfig& config() { return GetParam().config; }

    /// Trains, or goes on, on so many threads; `listener` may throw Killed.
    EndEvent train(const fs::path& folder, int threads, Results& results, const RunObserver& listener = {},
                   RunControl* control = nullptr) {
        CpuBackend backend(threads);
        TinyRun run(backend, config());
        run.evaluates = true;
        run.resumes = true;
        run.sample = [&](const std::string& prompt, std::stop_token) {
            return fmt::format("{} {:a}", prompt, run.parameterValues().back());
        };
        run.listener = [&](const RunEvent& event) {
            note(results, event);
            if (listener)
                listener(event);
        };
        RunControl none;
        const EndEvent end = run.train(folder, control ? *control : none);
        results.values = run.parameterValues();
        return end;
    }

    /// A run that nobody disturbs.
    static const Results& leftAlone(Resume& test) {
        static std::map<std::string, Results> known;
        Results& results = known[GetParam().name];
        if (results.values.empty()) {
            const TemporaryFolder folder;
            EXPECT_EQ(test.train(folder.path(), 1, results).outcome, RunOutcome::Finished);
        }
        return results;
    }

    void expectSame(const Results& results) {
        const Results& expected = leftAlone(*this);
        EXPECT_EQ(results.metrics, expected.metrics);
        EXPECT_TRUE(results.values == expected.values);
    }

    TemporaryFolder m_folder;
};

TEST_P(Resume, ARunThatIsKilledAgainAndAgainEndsAsOneLeftAlone) {
    Results results;
    // Killed at the third event of the first part, and ever later, so that each part gets on.
    int64_t parts = 0;
    for (bool isEnded = false; !isEnded; ++parts) {
        int64_t left = 3 + 2 * parts;
        try {
            train(m_folder.path(), int(parts % 3) + 1, results, [&](const RunEvent&) {
                if (--left == 0)
                    throw Killed();
            });
            isEnded = true;
        } catch (const Killed&) {
        }
    }
    EXPECT_GT(parts, 3);
    if (config().training.earlyStoppingPatience) {
        EXPECT_LT(results.metrics.rbegin()->first.first, 16) << "it did not end early";
    }
    expectSame(results);
}

TEST_P(Resume, ARunThatIsStoppedAndPausedAtEveryEventEndsAsOneLeftAlone) {
    Results results;
    int64_t parts = 0;
    for (RunOutcome outcome = RunOutcome::Stopped; outcome != RunOutcome::Finished; ++parts) {
        RunControl control;
        const bool pauses = parts % 2 == 1;
        int64_t events = 0;
        const EndEvent end = train(
            m_folder.path(), int(parts % 3) + 1, results,
            [&](const RunEvent& event) {
                // The start and what is told of a checkpoint bring a run no further.
                events += std::holds_alternative<CheckpointEvent>(event) ? 0 : 1;
                if (events == 2)
                    pauses ? control.pause() : control.stop();
            },
            &control);
        outcome = end.outcome;
        if (outcome == RunOutcome::Finished)
            break;
        ASSERT_EQ(outcome, pauses ? RunOutcome::Paused : RunOutcome::Stopped);
        EXPECT_EQ(end.adapter.has_value(), !pauses && config().method == Method::Lora);
        EXPECT_EQ(end.model.has_value(), !pauses && config().method == Method::Full);
        ASSERT_LT(parts, 200);
    }
    EXPECT_GT(parts, 5);
    expectSame(results);
}

TEST_P(Resume, ACheckpointHoldsTheWholeHistory) {
    Results results, kept;
    RunControl control;
    train(
        m_folder.path(), 1, results,
        [&](const RunEvent& event) {
            if (const auto* step = std::get_if<StepEvent>(&event); step && step->step >= 4)
                control.pause();
        },
        &control);
    const Checkpoint checkpoint = openCheckpoint(m_folder / "checkpoints" / "step-4");
    for (const RunEvent& event : parseHistory("history", checkpoint.history))
        note(kept, event);
    EXPECT_EQ(kept.metrics, results.metrics);
}

INSTANTIATE_TEST_SUITE_P(Runs, Resume, testing::ValuesIn(cases()),
                         [](const auto& instance) { return instance.param.name; });

} // namespace
} // namespace lorikeet
