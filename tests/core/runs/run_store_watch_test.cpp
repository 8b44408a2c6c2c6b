// SPDX-License-Identifier: GPL-3.0-or-later
// A store that watches: what a window does while the same or another process trains.
#include <thread>

#include "core/runs/run_lock.h"
#include "tests/core/runs/runs_test.h"

namespace lorikeet {
namespace {

using RunStoreWatch = RunsTest;

constexpr auto kReadOnly = RunStore::Access::ReadOnly;

TEST_F(RunStoreWatch, ReadsAsEmptyWhileThereIsNoDatabaseAndSeesItAppear) {
    RunStore watcher(m_folder, kReadOnly);
    EXPECT_TRUE(watcher.list().empty());
    const int64_t before = watcher.changeCount();
    EXPECT_EQ(watcher.changeCount(), before);
    EXPECT_EQ(codeOf([&] { watcher.get("01kag0000000000000000000v1"); }), ErrorCode::NotFound);
    EXPECT_EQ(codeOf([&] { watcher.create(kAnyRun); }), ErrorCode::Io);
    EXPECT_FALSE(std::filesystem::exists(m_folder.root)) << "watching creates nothing";
    RunStore writer(m_folder);
    const std::string id = writer.create(kAnyRun).id;
    EXPECT_GT(watcher.changeCount(), before);
    ASSERT_EQ(watcher.list().size(), 1u);
    EXPECT_EQ(watcher.list()[0].id, id);
}

TEST_F(RunStoreWatch, AnEmptyFileIsADatabaseThatIsYetToCome) {
    std::filesystem::create_directories(m_folder.root);
    fclose(fopen(m_folder.database().c_str(), "w"));
    RunStore watcher(m_folder, kReadOnly);
    EXPECT_TRUE(watcher.list().empty());
    RunStore(m_folder).create(kAnyRun);
    EXPECT_EQ(watcher.list().size(), 1u);
}

TEST_F(RunStoreWatch, TheChangeCountGrowsWithEveryWritersChangeAndOnlyThen) {
    RunStore one(m_folder), other(m_folder), watcher(m_folder, kReadOnly);
    int64_t seen = watcher.changeCount(), own = one.changeCount();
    const std::string id = one.create(kAnyRun).id;
    const auto hasChanged = [&] {
        const int64_t now = watcher.changeCount(), ownNow = one.changeCount();
        const bool changed = now > seen && ownNow > own;
        EXPECT_EQ(now > seen, ownNow > own);
        seen = now, own = ownNow;
        return changed;
    };
    EXPECT_TRUE(hasChanged());
    EXPECT_FALSE(hasChanged());
    other.recordWarning(id, {.step = 1, .text = "from another connection"});
    EXPECT_TRUE(hasChanged());
    watcher.metrics(id), watcher.list(), one.list(), other.list();
    EXPECT_FALSE(hasChanged());
    ASSERT_TRUE(endsWell(startProcess([&] {
        RunStore(m_folder).rename(id, "from another process");
        return true;
    })));
    EXPECT_TRUE(hasChanged());
    EXPECT_FALSE(hasChanged());
}

TEST_F(RunStoreWatch, AWatcherFollowsARunOfAnotherProcessFromBeforeItsDatabaseExists) {
    constexpr int64_t kSteps = 300;
    RunStore watcher(m_folder, kReadOnly);
    const pid_t trainer = startProcess([&] {
        RunStore store(m_folder);
        const std::string id = store.create(kAnyRun).id;
        const RunLock lock(m_folder.run(id));
        store.start(id, {.kernels = "portable", .totalSteps = kSteps});
        for (int64_t step = 1; step <= kSteps; ++step) {
            store.recordStep(id, {.step = step, .loss = 1.0 / double(step), .seconds = double(step)}, {{"weights", 1}});
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        store.end(id, {.state = RunState::Finished, .adapter = "adapter", .peak = {}});
        return true;
    });
    std::vector<StepMetrics> seen;
    RunRecord run;
    int64_t changes = -1;
    bool wasSeenRunning = false;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (run.state != RunState::Finished && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        if (watcher.changeCount() == changes)
            continue;
        changes = watcher.changeCount();
        const auto runs = watcher.list();
        if (runs.empty())
            continue;
        run = runs[0];
        wasSeenRunning |= run.state == RunState::Running && run.steps > 0;
        for (const StepMetrics& step : watcher.metrics(run.id, seen.empty() ? -1 : seen.back().step))
            seen.push_back(step);
    }
    EXPECT_TRUE(endsWell(trainer));
    EXPECT_TRUE(wasSeenRunning);
    ASSERT_EQ(seen.size(), std::size_t(kSteps));
    for (int64_t step = 1; step <= kSteps; ++step)
        EXPECT_EQ(seen[std::size_t(step - 1)].step, step);
    EXPECT_EQ(run.seconds, double(kSteps));
}

TEST_F(RunStoreWatch, AnUnchangedDatabaseCostsAPollerNextToNothing) {
    RunStore writer(m_folder), watcher(m_folder, kReadOnly);
    const std::string id = writer.create(kAnyRun).id;
    constexpr int kCalls = 1000;
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < kCalls; ++i)
        watcher.changeCount();
    const auto asked = std::chrono::steady_clock::now();
    for (int64_t step = 1; step <= kCalls; ++step)
        writer.recordStep(id, {.step = step, .loss = 1.0}, {{"weights", 1}, {"activations", 2}, {"logits", 3}});
    const auto written = std::chrono::steady_clock::now();
    const auto microseconds = [](auto duration) {
        return int(std::chrono::duration_cast<std::chrono::microseconds>(duration).count() / kCalls);
    };
    RecordProperty("change_count_us", microseconds(asked - begin));
    RecordProperty("record_step_us", microseconds(written - asked));
    EXPECT_LT(microseconds(asked - begin), 2000);
    EXPECT_LT(microseconds(written - asked), 20'000);
}

} // namespace
} // namespace lorikeet
