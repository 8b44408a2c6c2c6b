// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/run_feed.h"

#include <fstream>

#include <QSignalSpy>

#include "core/runs/run_lock.h"
#include "core/runs/run_store.h"
#include "tests/support/qt/studio_fixture.h"

namespace lorikeet::ui {
namespace {

using RunFeedTest = StudioTest;

StepMetrics lossAt(int64_t step, double loss) {
    StepMetrics metrics;
    metrics.step = step;
    metrics.loss = loss;
    return metrics;
}

RunStart startOf(int64_t steps) {
    RunStart start;
    start.kernels = "portable";
    start.totalSteps = steps;
    return start;
}

TEST_F(RunFeedTest, IsEmptyWithoutADatabaseAndMakesNone) {
    ASSERT_TRUE(waitUntil([&] { return m_studio.runs().isLoaded(); }));
    EXPECT_TRUE(m_studio.runs().runs().empty());
    EXPECT_FALSE(std::filesystem::exists(dataFolder()));
}

TEST_F(RunFeedTest, FollowsARunOfAnotherProcessStepByStep) {
    // Another store stands for another process: the feed only sees the database.
    RunStore store(DataFolder{dataFolder()});
    const RunRecord run = store.create({"other", "model", "rows.jsonl", "lora", "{}"});
    const RunLock lock(store.folder().run(run.id));
    store.start(run.id, startOf(10));
    const QString id = QString::fromStdString(run.id);
    ASSERT_TRUE(waitUntil([&] { return m_studio.runs().find(id) != nullptr; }));

    RunFollower follower(m_studio.runs(), id);
    ASSERT_TRUE(waitUntil([&] { return follower.isLoaded(); }));
    for (int64_t step = 1; step <= 3; ++step) {
        store.recordStep(run.id, lossAt(step, 4.0 - double(step)), {{"weights", 100}});
        ASSERT_TRUE(waitUntil([&] { return int64_t(follower.history().metrics.size()) == step; }));
    }
    EXPECT_EQ(follower.history().metrics.back().loss, 1.0);
    EXPECT_EQ(follower.history().memory.size(), 3u);
    EXPECT_EQ(follower.history().record.state, RunState::Running);

    store.rewind(run.id, 1);
    store.recordStep(run.id, lossAt(2, 9.0), {});
    ASSERT_TRUE(waitUntil([&] { return follower.history().metrics.back().loss == 9.0; }));
    EXPECT_EQ(follower.history().metrics.size(), 2u);
}

TEST_F(RunFeedTest, ARunWhoseProgramDiedBecomesInterrupted) {
    RunStore store(DataFolder{dataFolder()});
    const RunRecord run = store.create({"other", "model", "rows.jsonl", "lora", "{}"});
    const QString id = QString::fromStdString(run.id);
    const auto isIn = [&](RunState state) {
        const RunRecord* record = m_studio.runs().find(id);
        return record && record->state == state;
    };
    {
        const RunLock lock(store.folder().run(run.id));
        store.start(run.id, startOf(10));
        ASSERT_TRUE(waitUntil([&] { return isIn(RunState::Running); }));
    }
    EXPECT_TRUE(waitUntil([&] { return isIn(RunState::Interrupted); }));
}

TEST_F(RunFeedTest, ADeletedRunGoesAndComesBack) {
    const QString id = train(smallRun());
    ASSERT_TRUE(m_studio.runs().find(id));
    m_studio.runs().setDeleted(id, true);
    ASSERT_TRUE(waitUntil([&] { return !m_studio.runs().find(id); }));
    m_studio.runs().setDeleted(id, false);
    EXPECT_TRUE(waitUntil([&] { return m_studio.runs().find(id) != nullptr; }));
}

TEST_F(RunFeedTest, RenamesReachTheDatabase) {
    const QString id = train(smallRun());
    m_studio.runs().rename(id, "better name");
    ASSERT_TRUE(waitUntil([&] { return m_studio.runs().find(id)->name == "better name"; }));
    EXPECT_EQ(RunStore(DataFolder{dataFolder()}, RunStore::Access::ReadOnly).get(id.toStdString()).name, "better name");
}

TEST_F(RunFeedTest, WhatWasAskedForIsWrittenBeforeItGoes) {
    RunStore store(DataFolder{dataFolder()});
    for (int i = 0; i < 20; ++i) {
        const RunRecord run = store.create({"old", "model", "rows.jsonl", "lora", "{}"});
        {
            RunFeed feed(DataFolder{dataFolder()});
            feed.rename(QString::fromStdString(run.id), "new");
        }
        ASSERT_EQ(store.get(run.id).name, "new");
    }
}

TEST_F(RunFeedTest, AFollowedRunThatIsPurgedLeavesTheOthersReadable) {
    RunStore store(DataFolder{dataFolder()});
    const RunRecord gone = store.create({"gone", "model", "rows.jsonl", "lora", "{}"});
    RunFeed& feed = m_studio.runs();
    RunFollower follower(feed, QString::fromStdString(gone.id));
    ASSERT_TRUE(waitUntil([&] { return follower.isLoaded() && feed.isLoaded(); }));
    QSignalSpy problems(&feed, &RunFeed::problemChanged);
    QSignalSpy refusals(&feed, &RunFeed::refused);
    store.remove(gone.id);
    const RunRecord other = store.create({"other", "model", "rows.jsonl", "lora", "{}"});
    ASSERT_TRUE(waitUntil([&] { return feed.find(QString::fromStdString(other.id)) && refusals.count() == 1; }));
    EXPECT_EQ(follower.history().record.name, "gone");
    store.rename(other.id, "another");
    ASSERT_TRUE(waitUntil([&] { return feed.find(QString::fromStdString(other.id))->name == "another"; }));
    EXPECT_EQ(problems.count(), 0);
    EXPECT_EQ(refusals.count(), 1);
}

TEST_F(RunFeedTest, ADamagedDatabaseIsAProblemThatGoesWithTheDamage) {
    std::filesystem::create_directories(dataFolder());
    std::ofstream(dataFolder() / "lorikeet.db") << std::string(5000, 'x');
    ASSERT_TRUE(waitUntil([&] { return m_studio.runs().problem().has_value(); }));
    EXPECT_EQ(m_studio.runs().problem()->code, ErrorCode::BadFile);
    std::filesystem::remove(dataFolder() / "lorikeet.db");
    EXPECT_TRUE(waitUntil([&] { return !m_studio.runs().problem(); }));
}

} // namespace
} // namespace lorikeet::ui
