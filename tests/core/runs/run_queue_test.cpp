// SPDX-License-Identifier: GPL-3.0-or-later
#include <set>

#include <gmock/gmock.h>

#include "tests/core/runs/runs_test.h"

namespace lorikeet {
namespace {

using testing::ElementsAre;

class RunQueue : public RunsTest {
protected:
    std::string add(RunStore& store, const std::string& name) {
        NewRun run = kAnyRun;
        run.name = name;
        return store.createQueued(run).id;
    }
    static std::vector<std::string> names(const RunStore& store) {
        std::vector<std::string> all;
        for (const RunRecord& run : store.queue()) {
            EXPECT_EQ(run.state, RunState::Queued);
            all.push_back(run.name);
        }
        return all;
    }
};

TEST_F(RunQueue, RunsWaitInTheOrderOfTheirComingAndSurviveARestart) {
    {
        RunStore store(m_folder);
        add(store, "a");
        add(store, "b");
        store.create(kAnyRun);
        add(store, "c");
    }
    RunStore store(m_folder);
    EXPECT_THAT(names(store), ElementsAre("a", "b", "c"));
    EXPECT_EQ(store.list().size(), 4u);
}

TEST_F(RunQueue, ARunThatLeavesTheQueueIsWhatItWasBefore) {
    RunStore store(m_folder);
    for (const RunState state : {RunState::Paused, RunState::Stopped, RunState::Failed}) {
        const std::string id = store.create(kAnyRun).id;
        store.start(id, {});
        store.end(id, {.state = state, .adapter = {}, .peak = {}, .errorMessage = "why"});
        store.enqueue(id);
        store.enqueue(id);
        store.dequeue(id);
        EXPECT_EQ(store.get(id).state, state);
        EXPECT_EQ(store.get(id).errorMessage, "why");
    }
    const std::string killed = store.create(kAnyRun).id;
    store.start(killed, {});
    store.enqueue(killed);
    store.dequeue(killed);
    EXPECT_EQ(store.get(killed).state, RunState::Interrupted);
}

TEST_F(RunQueue, ARunThatCannotBeginLeavesTheQueueWithTheReason) {
    RunStore store(m_folder);
    const std::string id = add(store, "a");
    store.dropFromQueue(id, "not_found", "the model is gone");
    EXPECT_EQ(store.get(id).state, RunState::Created);
    EXPECT_EQ(store.get(id).errorCode, "not_found");
    EXPECT_EQ(store.get(id).errorMessage, "the model is gone");
    store.start(id, {});
    EXPECT_EQ(store.get(id).errorMessage, "");
    store.dropFromQueue(id, "not_found", "the model is gone");
    EXPECT_EQ(store.get(id).errorMessage, "") << "it is not queued";
}

TEST_F(RunQueue, CanBeReordered) {
    RunStore store(m_folder);
    const std::string a = add(store, "a"), b = add(store, "b"), c = add(store, "c");
    store.moveInQueue(c, 0);
    EXPECT_THAT(names(store), ElementsAre("c", "a", "b"));
    store.moveInQueue(c, 1);
    EXPECT_THAT(names(store), ElementsAre("a", "c", "b"));
    store.moveInQueue(a, 99);
    EXPECT_THAT(names(store), ElementsAre("c", "b", "a"));
    add(store, "d");
    EXPECT_THAT(names(store), ElementsAre("c", "b", "a", "d"));
    EXPECT_EQ(codeOf([&] { store.moveInQueue(store.create(kAnyRun).id, 0); }), ErrorCode::InvalidArgument);
    EXPECT_EQ(codeOf([&] { store.moveInQueue("none", 0); }), ErrorCode::NotFound);
}

TEST_F(RunQueue, ATakenRunStaysQueuedUntilItStarts) {
    RunStore store(m_folder);
    const std::string a = add(store, "a"), b = add(store, "b");
    {
        const std::optional<TakenRun> first = store.takeFirst();
        ASSERT_TRUE(first);
        EXPECT_EQ(first->id, a);
        RunStore other(m_folder);
        const std::optional<TakenRun> second = other.takeFirst();
        ASSERT_TRUE(second);
        EXPECT_EQ(second->id, b);
        EXPECT_FALSE(store.takeFirst());
        EXPECT_THAT(names(store), ElementsAre("a", "b"));
        other.start(b, {.kernels = "avx2", .totalSteps = 3});
        EXPECT_THAT(names(store), ElementsAre("a"));
        other.end(b, {.state = RunState::Finished, .adapter = {}, .peak = {}});
    }
    // Whoever took the first one ended before it began.
    EXPECT_EQ(store.takeFirst()->id, a);
    EXPECT_EQ(codeOf([&] { store.enqueue(b); }), ErrorCode::InvalidArgument) << "it is finished";
}

TEST_F(RunQueue, ARunThatPausedCanWaitToGoOnAndBeTakenOutAgain) {
    RunStore store(m_folder);
    const std::string a = add(store, "a"), b = add(store, "b");
    {
        const RunLock lock(m_folder.run(a));
        store.start(a, {.kernels = "avx2", .totalSteps = 3});
        EXPECT_EQ(codeOf([&] { store.enqueue(a); }), ErrorCode::Busy);
        store.end(a, {.state = RunState::Paused, .adapter = {}, .peak = {}});
    }
    EXPECT_EQ(store.get(a).state, RunState::Paused);
    store.enqueue(a);
    EXPECT_THAT(names(store), ElementsAre("b", "a"));
    store.enqueue(b);
    EXPECT_THAT(names(store), ElementsAre("a", "b"));
    store.dequeue(a);
    store.dequeue(b);
    EXPECT_TRUE(names(store).empty());
    EXPECT_EQ(store.get(a).state, RunState::Paused);
    EXPECT_EQ(store.get(b).state, RunState::Created);
}

TEST_F(RunQueue, ARunThatIsTakenOutWhileItIsOpenedDoesNotBegin) {
    RunStore store(m_folder);
    const std::string a = add(store, "a");
    const std::optional<TakenRun> taken = store.takeFirst();
    RunStore(m_folder).dequeue(a);
    const RunStart start{.kernels = "avx2", .totalSteps = 3, .isFromQueue = true};
    EXPECT_EQ(codeOf([&] { store.start(a, start); }), ErrorCode::Cancelled);
    EXPECT_EQ(store.get(a).state, RunState::Created);
    EXPECT_FALSE(store.get(a).started);
    store.start(a, {.kernels = "avx2", .totalSteps = 3});
    EXPECT_EQ(store.get(a).state, RunState::Running) << "somebody who wants it all the same";
}

TEST_F(RunQueue, TwoProcessesNeverTakeTheSame) {
    constexpr int kRuns = 24;
    {
        RunStore store(m_folder);
        for (int i = 0; i < kRuns; ++i)
            add(store, std::to_string(i));
    }
    std::vector<pid_t> processes;
    for (int i = 0; i < 3; ++i)
        processes.push_back(startProcess([&] {
            RunStore store(m_folder);
            while (std::optional<TakenRun> run = store.takeFirst()) {
                // A second start of a run would find the first one's mark.
                const bool isNew = store.metrics(run->id).empty();
                store.recordSteps(run->id, std::vector<StepMetrics>{{.step = 1, .loss = 1.0}});
                store.start(run->id, {.kernels = "avx2", .totalSteps = 1});
                store.end(run->id, {.state = RunState::Finished, .adapter = {}, .peak = {}});
                if (!isNew)
                    return false;
            }
            return true;
        }));
    for (const pid_t process : processes)
        EXPECT_TRUE(endsWell(process));
    RunStore store(m_folder);
    EXPECT_TRUE(store.queue().empty());
    for (const RunRecord& run : store.list())
        EXPECT_EQ(run.state, RunState::Finished);
}

TEST_F(RunQueue, AHiddenRunDoesNotWait) {
    RunStore store(m_folder);
    const std::string a = add(store, "a");
    store.setDeleted(a, true);
    EXPECT_TRUE(store.queue().empty());
    EXPECT_FALSE(store.takeFirst());
}

TEST_F(RunQueue, ARunWithoutItsFolderDoesNotKeepTheOthersWaiting) {
    RunStore store(m_folder);
    const std::string a = add(store, "a"), b = add(store, "b");
    std::filesystem::remove_all(m_folder.run(a));
    const std::optional<TakenRun> taken = store.takeFirst();
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->id, b);
}

TEST_F(RunQueue, RewindingMakesTheRecordThatOfTheCheckpoint) {
    RunStore store(m_folder);
    const std::string id = store.create(kAnyRun).id;
    for (int64_t step = 1; step <= 5; ++step)
        if (step != 2)
            store.recordStep(id, {.step = step, .loss = double(step), .seconds = double(step)}, {{"weights", step}});
    store.recordEvaluation(id, {3, 9.0});
    store.recordSample(id, {3, "p", "late"});
    store.recordSample(id, {1, "p", "kept"});
    store.recordCheckpoint(id, {.step = 3, .path = "three"});
    store.recordCheckpoint(id, {.step = 5, .path = "five"});
    RunHistory history;
    for (int64_t step = 1; step <= 3; ++step) {
        history.metrics.push_back({.step = step, .loss = 10.0 * double(step), .seconds = 1.0});
        history.memory.push_back({step, {{"weights", 7}}});
    }
    history.samples = {{1, "p", "kept"}, {2, "p", "lost"}};
    store.rewind(id, 3, history);
    const auto metrics = store.metrics(id);
    ASSERT_EQ(metrics.size(), 3u);
    EXPECT_EQ(metrics[0].loss, 1.0) << "what is there stays";
    EXPECT_EQ(metrics[1].loss, 20.0) << "what is lost comes back";
    EXPECT_EQ(store.memory(id).at(1).bytes.at("weights"), 7);
    EXPECT_TRUE(store.evaluations(id).empty()) << "it came after the checkpoint";
    const auto samples = store.samples(id);
    ASSERT_EQ(samples.size(), 2u);
    EXPECT_EQ(samples[0].text, "kept");
    EXPECT_EQ(samples[1].text, "lost");
    EXPECT_EQ(store.checkpoints(id).size(), 1u);
    EXPECT_EQ(store.get(id).steps, 3);
    EXPECT_EQ(store.get(id).loss, 3.0);
}

TEST_F(RunQueue, TheBestCheckpointIsThatOfTheLowestEvaluation) {
    RunStore store(m_folder);
    const std::string id = store.create(kAnyRun).id;
    for (const int64_t step : {2, 4, 6, 8})
        store.recordCheckpoint(id, {.step = step, .path = "p"});
    EXPECT_FALSE(store.checkpoints(id).at(0).isBest);
    store.recordEvaluation(id, {3, 0.1}); // without a checkpoint
    store.recordEvaluation(id, {4, 0.5});
    store.recordEvaluation(id, {6, 0.5});
    store.recordEvaluation(id, {8, 0.7});
    const auto checkpoints = store.checkpoints(id);
    ASSERT_EQ(checkpoints.size(), 4u);
    EXPECT_FALSE(checkpoints[0].evaluationLoss || checkpoints[0].isBest);
    EXPECT_EQ(checkpoints[1].evaluationLoss, 0.5);
    EXPECT_TRUE(checkpoints[1].isBest);
    EXPECT_FALSE(checkpoints[2].isBest || checkpoints[3].isBest);
}

} // namespace
} // namespace lorikeet
