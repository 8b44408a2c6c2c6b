// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/training_session.h"

#include <QSignalSpy>

#include "core/runs/run_store.h"
#include "tests/support/qt/studio_fixture.h"

namespace lorikeet::ui {
namespace {

class TrainingSessionTest : public StudioTest {
protected:
    TrainingSession& session() { return m_studio.training(); }

    TrainingEnd end() {
        TrainingEnd found;
        const auto connection =
            QObject::connect(&session(), &TrainingSession::ended, [&](const TrainingEnd& end) { found = end; });
        EXPECT_TRUE(waitUntil([&] { return !session().isActive(); }));
        QObject::disconnect(connection);
        return found;
    }
};

TEST_F(TrainingSessionTest, TellsOfARunFromItsStartToItsEnd) {
    QSignalSpy started(&session(), &TrainingSession::runStarted);
    session().start(smallRun());
    EXPECT_TRUE(session().isActive());
    EXPECT_EQ(session().name(), "small");
    const TrainingEnd result = end();
    ASSERT_EQ(started.count(), 1);
    EXPECT_EQ(started.at(0).at(0).toString(), result.run);
    EXPECT_EQ(result.outcome, RunOutcome::Finished);
    EXPECT_FALSE(result.failure);
    EXPECT_TRUE(session().run().isEmpty());
}

TEST_F(TrainingSessionTest, ARunThatCannotBeginIsAFailureWithoutARun) {
    RunConfig config = smallRun();
    config.model = (m_folder / "no such model").string();
    session().start(config);
    const TrainingEnd result = end();
    EXPECT_TRUE(result.run.isEmpty());
    ASSERT_TRUE(result.failure);
    EXPECT_EQ(result.failure->code, ErrorCode::NotFound);
    EXPECT_TRUE(result.failure->message.contains("no such model"));
}

TEST_F(TrainingSessionTest, AStopSavesTheAdapter) {
    session().start(smallRun(100000));
    ASSERT_TRUE(waitUntil([&] { return session().step().has_value(); }));
    session().stop();
    EXPECT_TRUE(session().isStopping());
    const TrainingEnd result = end();
    EXPECT_EQ(result.outcome, RunOutcome::Stopped);
    EXPECT_TRUE(std::filesystem::exists(dataFolder() / "runs" / result.run.toStdString() / "adapter" /
                                        "adapter_model.safetensors"));
}

TEST_F(TrainingSessionTest, APausedRunGoesOnToItsEnd) {
    session().start(smallRun(300));
    ASSERT_TRUE(waitUntil([&] { return session().step().has_value(); }));
    session().pause();
    EXPECT_TRUE(session().isPausing());
    const TrainingEnd paused = end();
    ASSERT_EQ(paused.outcome, RunOutcome::Paused);
    EXPECT_FALSE(paused.failure);
    EXPECT_FALSE(session().isPausing());
    const RunRecord before = m_studio.workshop()->runs().get(paused.run.toStdString());
    EXPECT_EQ(before.state, RunState::Paused);
    ASSERT_LT(before.steps, 300);

    session().resume(paused.run, "small");
    EXPECT_EQ(session().run(), paused.run);
    const TrainingEnd result = end();
    EXPECT_EQ(result.outcome, RunOutcome::Finished);
    EXPECT_EQ(result.run, paused.run);
    const RunRecord after = m_studio.workshop()->runs().get(paused.run.toStdString());
    EXPECT_EQ(after.state, RunState::Finished);
    EXPECT_EQ(after.steps, 300);
}

TEST_F(TrainingSessionTest, AStopWinsOverAPause) {
    session().start(smallRun(100000));
    ASSERT_TRUE(waitUntil([&] { return session().step().has_value(); }));
    session().pause();
    session().stop();
    EXPECT_TRUE(session().isStopping());
    EXPECT_EQ(end().outcome, RunOutcome::Stopped);
}

TEST_F(TrainingSessionTest, SaveNowSavesACheckpointWhileTheRunGoesOn) {
    session().start(smallRun(100000));
    ASSERT_TRUE(waitUntil([&] { return session().step().has_value(); }));
    const std::string run = session().run().toStdString();
    EXPECT_TRUE(m_studio.workshop()->runs().checkpoints(run).empty());
    session().saveNow();
    EXPECT_TRUE(waitUntil([&] { return !m_studio.workshop()->runs().checkpoints(run).empty(); }));
    EXPECT_TRUE(session().isActive());
    session().stop();
    end();
}

TEST_F(TrainingSessionTest, ARunThatCannotGoOnIsAFailureWithoutARun) {
    session().resume("no-such-run", "lost");
    const TrainingEnd result = end();
    EXPECT_TRUE(result.run.isEmpty());
    ASSERT_TRUE(result.failure);
    EXPECT_EQ(result.failure->code, ErrorCode::NotFound);
}

TEST_F(TrainingSessionTest, OneThatGoesWhileItTrainsSavesFirst) {
    QString run;
    {
        TrainingSession other(m_studio.workshop());
        other.start(smallRun(100000));
        ASSERT_TRUE(waitUntil([&] { return other.step().has_value(); }));
        run = other.run();
    }
    EXPECT_TRUE(
        std::filesystem::exists(dataFolder() / "runs" / run.toStdString() / "adapter" / "adapter_model.safetensors"));
}

TEST_F(TrainingSessionTest, StepsAreToldAtMostFifteenTimesASecond) {
    int told = 0;
    std::optional<int64_t> last;
    QObject::connect(&session(), &TrainingSession::changed, &session(), [&] {
        if (const auto& step = session().step(); step && step->step != last) {
            last = step->step;
            ++told;
        }
    });
    QElapsedTimer timer;
    timer.start();
    session().start(smallRun(400));
    EXPECT_EQ(end().outcome, RunOutcome::Finished);
    EXPECT_GE(told, 1);
    EXPECT_LE(told, 1 + timer.elapsed() / 60);
}

TEST_F(TrainingSessionTest, ASecondRunFollowsTheFirst) {
    session().start(smallRun());
    const QString first = end().run;
    session().start(smallRun());
    const QString second = end().run;
    EXPECT_NE(first, second);
}

} // namespace
} // namespace lorikeet::ui
