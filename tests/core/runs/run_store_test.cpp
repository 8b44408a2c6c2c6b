// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runs/run_store.h"

#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "core/base/error.h"
#include "core/runs/run_id.h"
#include "core/runs/run_lock.h"
#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

const NewRun kRun{"gsm8k r16", "models/smol", "train.jsonl", "lora", "{\"name\":\"gsm8k r16\"}"};

using Steps = std::vector<StepMetrics>;

class RunStoreTest : public testing::Test {
protected:
    template <typename Body>
    ErrorCode codeOf(Body&& body) {
        try {
            body();
        } catch (const Error& error) {
            return error.code();
        }
        ADD_FAILURE() << "nothing was thrown";
        return ErrorCode::InvalidArgument;
    }

    TemporaryFolder m_temporary;
    DataFolder m_folder{m_temporary / "data"};
};

TEST_F(RunStoreTest, ARunThatGoesOnHasNoAdapterUntilItEndsAgain) {
    RunStore store(m_folder);
    const std::string id = store.create(kRun).id;
    {
        const RunLock lock(m_folder.run(id));
        store.start(id, {"avx2", 200});
        store.end(id, {RunState::Stopped, "runs/x/adapter", {}});
        EXPECT_EQ(store.get(id).adapter, "runs/x/adapter");
        store.start(id, {"avx2", 200});
        EXPECT_FALSE(store.get(id).adapter);
    }
    EXPECT_EQ(store.get(id).state, RunState::Interrupted);
    EXPECT_FALSE(store.get(id).adapter);
}

TEST_F(RunStoreTest, KeepsWhatARunWasToldAndHowItWent) {
    const NamedBytes peak{{"weights", 100}, {"activations", int64_t(5) << 40}};
    std::string id;
    {
        RunStore store(m_folder);
        const RunRecord created = store.create(kRun);
        id = created.id;
        EXPECT_TRUE(std::filesystem::is_directory(m_folder.run(id)));
        EXPECT_EQ(created.state, RunState::Created);
        EXPECT_FALSE(created.loss || created.adapter || created.started || created.ended || created.totalSteps);
        const RunLock lock(m_folder.run(id));
        store.start(id, {"avx2", 200});
        EXPECT_EQ(store.get(id).state, RunState::Running);
        store.recordSteps(id, Steps{{1, 2.5, 0.5, 1e-4, 100, 60, 50.0}, {2, 2.25, 0.4, 2e-4, 90, 50, 45.0}});
        store.end(id, {RunState::Stopped, "runs/x/adapter", peak, "", ""});
    }
    const RunRecord run = RunStore(m_folder).get(id);
    EXPECT_EQ(run.name, kRun.name);
    EXPECT_EQ(run.model, kRun.model);
    EXPECT_EQ(run.dataset, kRun.dataset);
    EXPECT_EQ(run.method, kRun.method);
    EXPECT_EQ(run.config, kRun.config);
    EXPECT_EQ(run.state, RunState::Stopped);
    EXPECT_EQ(run.steps, 2);
    EXPECT_EQ(run.totalSteps, 200);
    EXPECT_EQ(run.loss, 2.25);
    EXPECT_EQ(run.adapter, "runs/x/adapter");
    EXPECT_EQ(run.kernels, "avx2");
    EXPECT_EQ(run.peak, peak);
    EXPECT_GT(run.created, 1'600'000'000'000);
    EXPECT_LE(run.created, run.started.value());
    EXPECT_LE(run.started.value(), run.ended.value());
}

TEST_F(RunStoreTest, KeepsTheReasonOfAFailureUntilTheNextStart) {
    RunStore store(m_folder);
    const std::string id = store.create(kRun).id;
    store.end(id, {RunState::Failed, std::nullopt, {}, "out_of_memory", "needs 3 GiB"});
    EXPECT_EQ(store.get(id).errorCode, "out_of_memory");
    EXPECT_EQ(store.get(id).errorMessage, "needs 3 GiB");
    const RunLock lock(m_folder.run(id));
    store.start(id, {"portable", std::nullopt});
    EXPECT_EQ(store.get(id).errorMessage, "");
    EXPECT_FALSE(store.get(id).ended);
    EXPECT_EQ(codeOf([&] { store.end(id, {RunState::Interrupted, {}, {}, "", ""}); }), ErrorCode::InvalidArgument);
}

TEST_F(RunStoreTest, ShowsARunningRunWithAFreeLockAsInterrupted) {
    RunStore store(m_folder);
    const std::string id = store.create(kRun).id;
    {
        const RunLock lock(m_folder.run(id));
        store.start(id, {"portable", 10});
        EXPECT_EQ(store.list().at(0).state, RunState::Running);
    }
    EXPECT_EQ(store.list().at(0).state, RunState::Interrupted);
    EXPECT_EQ(store.get(id).state, RunState::Interrupted);
}

TEST_F(RunStoreTest, ListsTheNewestFirst) {
    RunStore store(m_folder);
    std::vector<std::string> ids;
    for (int i = 0; i < 5; ++i)
        ids.insert(ids.begin(), store.create(kRun).id);
    std::vector<std::string> listed;
    for (const RunRecord& run : store.list(3))
        listed.push_back(run.id);
    EXPECT_EQ(listed, std::vector<std::string>(ids.begin(), ids.begin() + 3));
    EXPECT_EQ(store.list().size(), 5u);
}

TEST_F(RunStoreTest, RenamesARun) {
    RunStore store(m_folder);
    const std::string id = store.create(kRun).id;
    store.rename(id, "d\u00e9j\u00e0 vu");
    EXPECT_EQ(store.get(id).name, "d\u00e9j\u00e0 vu");
}

TEST_F(RunStoreTest, KeepsMetricsByStepAndReplacesAStepThatIsRecordedAgain) {
    RunStore store(m_folder);
    const std::string id = store.create(kRun).id, other = store.create(kRun).id;
    store.recordSteps(id, Steps{{2, 2.0}, {1, 1.0}, {3, 3.0}});
    store.recordSteps(id, Steps{{3, 30.0, 0.25, 2e-4, 7, 5, 1.5}});
    store.recordSteps(other, Steps{{1, 9.0}});
    const auto metrics = store.metrics(id);
    ASSERT_EQ(metrics.size(), 3u);
    EXPECT_EQ(metrics[0].loss, 1.0);
    EXPECT_EQ(metrics[2].step, 3);
    EXPECT_EQ(metrics[2].loss, 30.0);
    EXPECT_EQ(metrics[2].gradNorm, 0.25);
    EXPECT_EQ(metrics[2].learningRate, 2e-4);
    EXPECT_EQ(metrics[2].tokens, 7);
    EXPECT_EQ(metrics[2].trainedTokens, 5);
    EXPECT_EQ(metrics[2].tokensPerSecond, 1.5);
    EXPECT_EQ(store.metrics(id, 2).size(), 1u);
}

TEST_F(RunStoreTest, ReadsNumbersThatAreNotFiniteAsNaN) {
    RunStore store(m_folder);
    const std::string id = store.create(kRun).id;
    const double infinity = std::numeric_limits<double>::infinity();
    store.recordSteps(id, Steps{{1, 1.5}, {2, std::nan(""), infinity, -infinity}});
    const StepMetrics second = store.metrics(id).at(1);
    EXPECT_TRUE(std::isnan(second.loss) && std::isnan(second.gradNorm) && std::isnan(second.learningRate));
    EXPECT_EQ(store.get(id).loss, 1.5);
    EXPECT_EQ(store.get(id).steps, 2);
}

TEST_F(RunStoreTest, KeepsMemoryEvaluationsSamplesAndCheckpoints) {
    RunStore store(m_folder);
    const std::string id = store.create(kRun).id;
    const std::string withNul("Because\0 \u00e9", 11);
    store.recordMemory(id, {1, {{"weights", 10}, {"logits", 20}}});
    store.recordEvaluation(id, {50, 1.25});
    store.recordSample(id, {50, "Why?", withNul});
    store.recordSample(id, {50, "And?", "So."});
    store.recordCheckpoint(id, {100, "checkpoint-100", 0});
    store.recordCheckpoint(id, {200, "checkpoint-200", 5});
    store.forgetCheckpoint(id, 100);
    EXPECT_EQ(store.memory(id).at(0).bytes, (NamedBytes{{"weights", 10}, {"logits", 20}}));
    EXPECT_EQ(store.evaluations(id).at(0).loss, 1.25);
    const auto samples = store.samples(id);
    ASSERT_EQ(samples.size(), 2u);
    EXPECT_EQ(samples[0].prompt, "Why?");
    EXPECT_EQ(samples[0].text, withNul);
    EXPECT_EQ(samples[1].text, "So.");
    ASSERT_EQ(store.checkpoints(id).size(), 1u);
    EXPECT_EQ(store.checkpoints(id)[0].path, "checkpoint-200");
    EXPECT_EQ(store.checkpoints(id)[0].created, 5);
}

TEST_F(RunStoreTest, RewindDeletesWhatCameAfterTheStep) {
    RunStore store(m_folder);
    const std::string id = store.create(kRun).id;
    for (int64_t step = 1; step <= 4; ++step) {
        store.recordSteps(id, Steps{{step, 5.0 - double(step)}});
        store.recordMemory(id, {step, {}});
        store.recordEvaluation(id, {step, 1.0});
        store.recordSample(id, {step, "p", "t"});
        store.recordCheckpoint(id, {step, "c", 0});
    }
    store.rewind(id, 2);
    EXPECT_EQ(store.metrics(id).size(), 2u);
    EXPECT_EQ(store.memory(id).size(), 2u);
    EXPECT_EQ(store.evaluations(id).size(), 2u);
    EXPECT_EQ(store.samples(id).size(), 2u);
    EXPECT_EQ(store.checkpoints(id).size(), 2u);
    EXPECT_EQ(store.get(id).steps, 2);
    EXPECT_EQ(store.get(id).loss, 3.0);
}

TEST_F(RunStoreTest, RemoveDeletesRecordsAndFolderButNotOfALiveRun) {
    RunStore store(m_folder);
    const std::string id = store.create(kRun).id, kept = store.create(kRun).id;
    store.recordSteps(id, Steps{{1, 1.0}});
    store.recordSteps(kept, Steps{{1, 1.0}});
    {
        const RunLock lock(m_folder.run(id));
        EXPECT_EQ(codeOf([&] { store.remove(id); }), ErrorCode::Busy);
        EXPECT_EQ(store.metrics(id).size(), 1u);
    }
    store.remove(id);
    EXPECT_FALSE(std::filesystem::exists(m_folder.run(id)));
    EXPECT_TRUE(std::filesystem::exists(m_folder.run(kept)));
    EXPECT_EQ(codeOf([&] { store.get(id); }), ErrorCode::NotFound);
    EXPECT_EQ(store.metrics(kept).size(), 1u);
}

TEST_F(RunStoreTest, AnUnknownRunIsNotFoundByEveryCall) {
    RunStore store(m_folder);
    for (const std::string& id : {std::string("nope"), newRunId(), std::string("../../etc")}) {
        EXPECT_EQ(codeOf([&] { store.get(id); }), ErrorCode::NotFound);
        EXPECT_EQ(codeOf([&] { store.metrics(id); }), ErrorCode::NotFound);
        EXPECT_EQ(codeOf([&] { store.recordSteps(id, Steps(1)); }), ErrorCode::NotFound);
        EXPECT_EQ(codeOf([&] { store.start(id, {}); }), ErrorCode::NotFound);
        EXPECT_EQ(codeOf([&] { store.remove(id); }), ErrorCode::NotFound);
    }
}

TEST_F(RunStoreTest, ManyThreadsShareOneStore) {
    RunStore store(m_folder);
    const std::string id = store.create(kRun).id;
    {
        std::vector<std::jthread> threads;
        for (int64_t thread = 0; thread < 4; ++thread)
            threads.emplace_back([&, thread] {
                for (int64_t i = 0; i < 25; ++i) {
                    store.recordSteps(id, Steps{{i * 4 + thread + 1, 1.0}});
                    store.metrics(id);
                }
            });
    }
    EXPECT_EQ(store.metrics(id).size(), 100u);
    EXPECT_EQ(store.get(id).steps, 100);
}

TEST(RunId, IsUniqueSortsByTimeAndIsRecognised) {
    std::set<std::string> ids;
    for (int i = 0; i < 1000; ++i)
        ids.insert(newRunId());
    EXPECT_EQ(ids.size(), 1000u);
    EXPECT_EQ(ids.begin()->size(), 26u);
    const std::string before = newRunId();
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    EXPECT_LT(before, newRunId());
    EXPECT_TRUE(isRunId(before));
    for (const char* text : {"", "abc", "../../../../../etc/passwd.", "01ARZ3NDEKTSV4RRFFQ69G5FAV"})
        EXPECT_FALSE(isRunId(text)) << text;
}

} // namespace
} // namespace lorikeet
