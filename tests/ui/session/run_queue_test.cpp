// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/run_queue.h"

#include <atomic>
#include <thread>

#include <SQLiteCpp/Database.h>

#include "core/base/files.h"
#include "core/runs/run_store.h"
#include "tests/support/qt/studio_fixture.h"
#include "ui/session/settings.h"

namespace lorikeet::ui {
namespace {

class RunQueueTest : public StudioTest {
protected:
    RunQueueTest() { Settings().setStartsQueue(true); }
    ~RunQueueTest() override { Settings().setStartsQueue(true); }

    RunStore& store() { return m_studio.workshop()->runs(); }
    std::string queue(const RunConfig& config) {
        return store()
            .createQueued({config.name, config.model, config.data.train, "lora", serialiseRunConfig(config)})
            .id;
    }
    bool waitForState(const std::string& run, RunState state) {
        return waitUntil([&] { return store().get(run).state == state; });
    }
    void startAndWait(int64_t steps) {
        m_studio.training().start(smallRun(steps));
        ASSERT_TRUE(waitUntil([&] { return m_studio.training().step().has_value(); }));
    }
};

TEST_F(RunQueueTest, TheNextRunBeginsWhenOneEnds) {
    const std::string first = queue(smallRun());
    const std::string second = queue(smallRun());
    startAndWait(100000);
    EXPECT_EQ(store().get(first).state, RunState::Queued);
    m_studio.training().stop();
    ASSERT_TRUE(waitForState(second, RunState::Finished));
    EXPECT_EQ(store().get(first).state, RunState::Finished);
    EXPECT_TRUE(store().queue().empty());
}

TEST_F(RunQueueTest, APauseAndTheSettingHoldTheQueue) {
    const std::string next = queue(smallRun());
    startAndWait(100000);
    m_studio.training().pause();
    ASSERT_TRUE(waitUntil([&] { return !m_studio.training().isActive(); }));
    EXPECT_FALSE(m_studio.queue().isStarting());
    Settings().setStartsQueue(false);
    startAndWait(100000);
    m_studio.training().stop();
    ASSERT_TRUE(waitUntil([&] { return !m_studio.training().isActive(); }));
    EXPECT_FALSE(m_studio.queue().isStarting());
    EXPECT_EQ(store().get(next).state, RunState::Queued);
    m_studio.queue().startNext();
    EXPECT_TRUE(waitForState(next, RunState::Finished));
}

TEST_F(RunQueueTest, ARunThatCannotBeginLeavesTheQueueToThoseBehindIt) {
    RunConfig lost = smallRun();
    lost.model = (m_folder / "no such model").string();
    const std::string first = queue(lost);
    const std::string second = queue(smallRun());
    std::optional<Failure> why;
    QObject::connect(&m_studio.training(), &TrainingSession::ended, &m_studio, [&](const TrainingEnd& end) {
        if (end.failure)
            why = end.failure;
    });
    m_studio.queue().startNext();
    ASSERT_TRUE(waitForState(second, RunState::Finished));
    EXPECT_EQ(store().get(first).state, RunState::Created);
    EXPECT_NE(store().get(first).errorMessage.find("no such model"), std::string::npos);
    ASSERT_TRUE(why);
    EXPECT_TRUE(why->message.contains("no such model"));
}

TEST_F(RunQueueTest, ARunThatCanNeitherBeginNorLeaveTheQueueIsTriedOnce) {
    RunConfig lost = smallRun();
    lost.model = (m_folder / "no such model").string();
    const std::string first = queue(lost);
    SQLite::Database database(store().folder().database().string(), SQLite::OPEN_READWRITE);
    database.exec("CREATE TRIGGER full BEFORE UPDATE OF queued ON runs BEGIN SELECT RAISE(ABORT, 'disk is full'); END");
    int ends = 0;
    TrainingEnd last;
    QObject::connect(&m_studio.training(), &TrainingSession::ended, &m_studio, [&](const TrainingEnd& end) {
        ++ends;
        last = end;
    });
    m_studio.queue().startNext();
    ASSERT_TRUE(waitUntil([&] { return ends == 1; }));
    EXPECT_FALSE(waitUntil([&] { return ends > 1; }, 1000));
    EXPECT_TRUE(last.staysQueued);
    ASSERT_TRUE(last.failure);
    EXPECT_TRUE(last.failure->message.contains("no such model"));
    EXPECT_EQ(store().get(first).state, RunState::Queued);
    m_studio.queue().startNext(); // who asks for it has it tried again
    EXPECT_TRUE(waitUntil([&] { return ends == 2; }));
}

TEST_F(RunQueueTest, SaysSoWhereNoneOfThoseThatWaitCanBegin) {
    const std::string lost = queue(smallRun());
    std::filesystem::remove_all(store().folder().run(lost));
    QString why;
    QObject::connect(&m_studio.queue(), &RunQueue::refused, &m_studio,
                     [&](const Failure& told) { why = told.message; });
    m_studio.queue().startNext();
    EXPECT_TRUE(waitUntil([&] { return why.contains("none of the queued runs can begin"); }));
    EXPECT_FALSE(m_studio.queue().isStarting());
}

TEST_F(RunQueueTest, ARunThatSomebodyElseHasTakenIsPassedOver) {
    const std::string first = queue(smallRun());
    const std::string second = queue(smallRun());
    const std::optional<TakenRun> taken = store().takeFirst();
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->id, first);
    m_studio.queue().startNext();
    ASSERT_TRUE(waitForState(second, RunState::Finished));
    EXPECT_EQ(store().get(first).state, RunState::Queued);
}

TEST_F(RunQueueTest, ARunThatIsAddedInTheInstantTheLastOneEndsBegins) {
    const RunConfig config = smallRun();
    const std::string late =
        store().create({config.name, config.model, config.data.train, "lora", serialiseRunConfig(config)}).id;
    const std::filesystem::path lock = m_studio.workshop()->folder().run(late) / "lock";
    std::atomic<bool> isSlow = false;
    // Writing it into the queue takes longer than the end of the run that trains.
    setFileFaultHook([&](FileOperation operation, const std::filesystem::path& path) {
        if (isSlow && operation == FileOperation::Open && path == lock) {
            isSlow = false;
            std::this_thread::sleep_for(std::chrono::milliseconds(1500));
        }
        return 0;
    });
    startAndWait(100000);
    isSlow = true;
    m_studio.runs().enqueue(QString::fromStdString(late));
    m_studio.training().stop();
    EXPECT_TRUE(waitForState(late, RunState::Finished));
    ASSERT_TRUE(waitUntil([&] { return !m_studio.training().isActive(); }));
    setFileFaultHook({});
}

TEST_F(RunQueueTest, ARunThatIsTakenOutWhileItIsOpenedGivesItsTurnToTheNext) {
    RunConfig config = smallRun();
    const std::filesystem::path rows = m_folder / "slow.jsonl";
    std::filesystem::copy(config.data.train, rows);
    config.data.train = rows.string();
    const std::string first = queue(config);
    const std::string second = queue(smallRun());
    setFileFaultHook([&](FileOperation operation, const std::filesystem::path& path) {
        if (operation == FileOperation::Open && path == rows)
            store().dequeue(first);
        return 0;
    });
    m_studio.queue().startNext();
    EXPECT_TRUE(waitForState(second, RunState::Finished));
    ASSERT_TRUE(waitUntil([&] { return !m_studio.training().isActive(); }));
    setFileFaultHook({});
    EXPECT_EQ(store().get(first).state, RunState::Created);
    EXPECT_FALSE(store().get(first).started);
}

TEST_F(RunQueueTest, NothingBeginsOnceItIsClosed) {
    const std::string next = queue(smallRun());
    m_studio.queue().close();
    m_studio.queue().startNext();
    EXPECT_FALSE(m_studio.queue().isStarting());
    EXPECT_EQ(store().get(next).state, RunState::Queued);
}

} // namespace
} // namespace lorikeet::ui
