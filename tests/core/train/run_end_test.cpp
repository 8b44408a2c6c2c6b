// SPDX-License-Identifier: GPL-3.0-or-later
#include <cerrno>
#include <limits>

#include <gmock/gmock.h>

#include "core/base/error.h"
#include "core/base/files.h"
#include "tests/core/train/training_fixture.h"
#include "tests/support/errors.h"

namespace lorikeet {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

/// A device with little memory.
class SmallBackend : public CpuBackend {
public:
    SmallBackend() : CpuBackend(1) {}

    int64_t limit = std::numeric_limits<int64_t>::max();

    std::byte* allocateBytes(std::size_t bytes) override {
        if (ledger().live().total() + int64_t(bytes) > limit)
            fail(ErrorCode::OutOfMemory, "{} bytes could not be allocated", bytes);
        return CpuBackend::allocateBytes(bytes);
    }
};

/// A device that remembers the most that was held before the first step.
class RehearsedBackend : public CpuBackend {
public:
    RehearsedBackend() : CpuBackend(1) {}

    int64_t rehearsed = 0;

    std::byte* allocateBytes(std::size_t bytes) override {
        if (!m_hasStepped)
            rehearsed = std::max(rehearsed, ledger().live().total() + int64_t(bytes));
        return CpuBackend::allocateBytes(bytes);
    }

protected:
    void doFill(ExecutionContext& context, const Tensor& destination, float value) override {
        m_hasStepped |= destination.elements() == 3; // loss, norm and factor of a step
        CpuBackend::doFill(context, destination, value);
    }

private:
    bool m_hasStepped = false;
};

/// A device that tells of other losses than it computes: a tiny random model is never much worse than a guess.
class LoudBackend : public CpuBackend {
public:
    LoudBackend() : CpuBackend(1) {}

    float factor = 1.0f;

protected:
    void doDownload(ExecutionContext& context, const Tensor& source, void* host) override {
        CpuBackend::doDownload(context, source, host);
        if (source.elements() == 3) // loss, norm and factor of a step
            *static_cast<float*>(host) *= factor;
    }
};

RunConfig shuffledConfig() {
    RunConfig config = goldenConfig();
    config.lora.dropout = 0.1;
    config.data.shuffle = true;
    config.training.maxSteps = 8;
    return config;
}

/// How runs begin and end.
class RunEnds : public testing::Test {
protected:
    /// A run that after the step has a value in place of each of its parameters.
    EndEvent trainWith(TinyRun& run, int64_t step, float value) {
        run.listener = [&run, step, value](const RunEvent& event) {
            if (const auto* one = std::get_if<StepEvent>(&event); one && one->step == step)
                for (const Parameter& parameter : run.adapter().parameters())
                    run.context().backend().fill(run.context(), parameter.value, value);
        };
        return run.train(m_folder.path());
    }

    TemporaryFolder m_folder;
    CpuBackend m_backend{1};
};

TEST_F(RunEnds, ARehearsalChangesNothing) {
    std::vector<std::vector<float>> values;
    std::vector<std::vector<double>> losses;
    for (const bool rehearses : {false, true}) {
        const TemporaryFolder folder;
        TinyRun run(m_backend, shuffledConfig());
        run.rehearses = rehearses;
        run.train(folder.path());
        values.push_back(run.parameterValues());
        losses.emplace_back();
        for (const StepEvent& step : run.steps())
            losses.back().push_back(step.loss);
    }
    EXPECT_EQ(values[0], values[1]);
    EXPECT_EQ(losses[0], losses[1]);
}

TEST_F(RunEnds, WhatDoesNotFitFailsBeforeTheFirstStepWithAdvice) {
    RunConfig config = shuffledConfig();
    SmallBackend roomy;
    TinyRun whole(roomy, config);
    const TemporaryFolder other;
    const MemoryByTag peak = whole.train(other.path()).peak;

    SmallBackend small;
    TinyRun run(small, config);
    // One step of short rows would fit, the longest rows together do not.
    small.limit = peak.total() - 1;
    const Error error = errorOf([&] { run.train(m_folder.path()); });
    EXPECT_EQ(error.code(), ErrorCode::OutOfMemory);
    EXPECT_THAT(error.message(), AllOf(HasSubstr("longest micro-batch (2 sequences"), HasSubstr("batch_size below 2"),
                                       HasSubstr("gradient_checkpointing"), HasSubstr("data.max_length")));
    EXPECT_TRUE(run.steps().empty());
    EXPECT_FALSE(fs::exists(m_folder / "adapter"));
    SmallBackend enough;
    enough.limit = peak.total();
    const TemporaryFolder third;
    EXPECT_EQ(TinyRun(enough, config).train(third.path()).outcome, RunOutcome::Finished);
}

TEST_F(RunEnds, NoMicroBatchNeedsMoreThanTheRehearsal) {
    for (const std::optional<int64_t> limit : {std::optional<int64_t>(), {20}, {30}, {1000}}) {
        RunConfig config = shuffledConfig();
        config.data.maxTokensPerBatch = limit;
        RehearsedBackend backend;
        const TemporaryFolder folder;
        TinyRun run(backend, config);
        run.train(folder.path());
        ASSERT_EQ(run.steps().size(), 8u);
        // Of as many tokens in more rows: in so small a model the blocks of attention show.
        const double share = limit ? 1.15 : 1.0;
        for (const StepEvent& step : run.steps())
            EXPECT_LE(double(step.memory.total()), share * double(backend.rehearsed))
                << limit.value_or(0) << ", step " << step.step;
    }
}

TEST_F(RunEnds, ALossBeyondBoundsEndsTheRunAndWhatWasSavedStays) {
    RunConfig config = goldenConfig();
    config.every.save = 2;
    LoudBackend backend;
    TinyRun run(backend, config);
    run.listener = [&](const RunEvent& event) {
        if (const auto* step = std::get_if<StepEvent>(&event); step && step->step == 5)
            backend.factor = 2.0f;
    };
    const EndEvent end = run.train(m_folder.path());
    EXPECT_EQ(end.outcome, RunOutcome::Failed);
    EXPECT_EQ(end.errorCode, "diverged");
    EXPECT_THAT(end.reason, AllOf(HasSubstr("diverges"), HasSubstr("learning_rate")));
    EXPECT_FALSE(end.adapter);
    EXPECT_EQ(CheckpointShelf(m_folder.path(), {}).steps(), (std::vector<int64_t>{2, 4}))
        << "nothing was saved after it went wrong";
    EXPECT_THAT(run.eventsOf<WarningEvent>().at(0).text, HasSubstr("checkpoint of step 6 was not saved"));
}

TEST_F(RunEnds, AnErrorAfterTheLossWentBeyondBoundsSavesNothing) {
    RunConfig config = goldenConfig();
    config.every.save = 4;
    LoudBackend backend;
    TinyRun run(backend, config);
    run.listener = [&](const RunEvent& event) {
        const auto* step = std::get_if<StepEvent>(&event);
        if (step && step->step == 5)
            backend.factor = 2.0f;
        if (step && step->step == 6)
            fail(ErrorCode::Io, "nobody listens");
    };
    const Error error = errorOf([&] { run.train(m_folder.path()); });
    EXPECT_THAT(error.message(), HasSubstr("nobody listens"));
    EXPECT_EQ(CheckpointShelf(m_folder.path(), {}).steps(), std::vector<int64_t>{4});
}

TEST_F(RunEnds, ADiskThatIsFullAtTheEndPausesTheRunAndKeepsNoHalfAdapter) {
    TinyRun run(m_backend, goldenConfig());
    setFileFaultHook([](FileOperation operation, const fs::path& path) {
        return operation == FileOperation::Write && path.filename() == "lorikeet.json" ? ENOSPC : 0;
    });
    const EndEvent end = run.train(m_folder.path());
    setFileFaultHook({});
    EXPECT_EQ(end.outcome, RunOutcome::Paused);
    EXPECT_FALSE(end.adapter);
    EXPECT_THAT(end.reason, HasSubstr("disk is full"));
    EXPECT_TRUE(fs::is_empty(m_folder.path())) << fs::directory_iterator(m_folder.path())->path();
}

TEST_F(RunEnds, NothingThatIsNotFiniteIsSaved) {
    RunConfig config = goldenConfig();
    config.every.save = 3;
    TinyRun run(m_backend, config);
    const EndEvent end = trainWith(run, 3, std::numeric_limits<float>::infinity());
    EXPECT_EQ(end.outcome, RunOutcome::Failed);
    EXPECT_EQ(end.errorCode, "not_finite");
    EXPECT_THAT(end.reason, AllOf(HasSubstr("after step 3"), HasSubstr(run.adapter().parameters().front().name)));
    EXPECT_TRUE(CheckpointShelf(m_folder.path(), {}).steps().empty());
    EXPECT_FALSE(fs::exists(m_folder / "adapter"));
}

TEST_F(RunEnds, TrainingEndsEarlyWhereTheEvaluationGetsNoBetter) {
    RunConfig config = goldenConfig();
    config.every.eval = 2;
    config.training.earlyStoppingPatience = 2;
    TinyRun run(m_backend, config);
    run.evaluates = true;
    const EndEvent end = trainWith(run, 6, 2.0f);
    EXPECT_EQ(end.outcome, RunOutcome::Finished);
    EXPECT_EQ(end.steps, 8);
    EXPECT_THAT(end.reason, AllOf(HasSubstr("not become lower 2 times"), HasSubstr("at step 4")));
    ASSERT_TRUE(end.adapter);
    EXPECT_TRUE(fs::exists(*end.adapter));
    EXPECT_EQ(run.eventsOf<WarningEvent>().at(0).text, end.reason);
}

} // namespace
} // namespace lorikeet
