// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/single_instance.h"

#include <QProcess>
#include <QSignalSpy>
#include <QTest>

#include <csignal>

#include "tests/support/test_paths.h"

namespace lorikeet::ui {
namespace {

const QString kProgram = QStringLiteral(LORIKEET_BINARY_DIR "/bin/start_once");

TEST(SingleInstance, TheSecondHandsOverToTheFirst) {
    SingleInstance first("folder");
    EXPECT_FALSE(first.handedOver());
    QSignalSpy presented(&first, &SingleInstance::presented);
    SingleInstance second("folder");
    EXPECT_TRUE(second.handedOver());
    EXPECT_TRUE(QTest::qWaitFor([&] { return presented.count() == 1; }));
    SingleInstance elsewhere("another folder");
    EXPECT_FALSE(elsewhere.handedOver());
}

TEST(SingleInstance, OfProgramsThatStartTogetherOneIsTheFirstAndHearsOfTheOthers) {
    constexpr int kRounds = 5, kStarts = 6;
    const TemporaryFolder folder;
    for (int round = 0; round < kRounds; ++round) {
        std::vector<std::unique_ptr<QProcess>> starts;
        for (int i = 0; i < kStarts; ++i) {
            starts.push_back(std::make_unique<QProcess>());
            starts.back()->start(kProgram, {QString::fromStdString((folder / "data").string())});
        }
        QProcess* first = nullptr;
        for (const auto& start : starts) {
            ASSERT_TRUE(QTest::qWaitFor([&] { return start->canReadLine(); }, 30000));
            const QByteArray said = start->readLine().trimmed();
            if (said == "first") {
                EXPECT_FALSE(first) << "two are the first";
                first = start.get();
            } else {
                EXPECT_EQ(said, "handed over");
            }
        }
        ASSERT_TRUE(first);
        for (const auto& start : starts)
            if (start.get() != first) {
                ASSERT_TRUE(QTest::qWaitFor([&] { return start->state() == QProcess::NotRunning; }));
            }
        first->closeWriteChannel();
        ASSERT_TRUE(QTest::qWaitFor([&] { return first->state() == QProcess::NotRunning; }));
        EXPECT_EQ(first->readLine().trimmed().toInt(), kStarts - 1);
    }
}

TEST(SingleInstance, AProgramThatHangsIsNoOneToHandOverTo) {
    const TemporaryFolder folder;
    const QString data = QString::fromStdString((folder / "data").string());
    QProcess hanging;
    hanging.start(kProgram, {data});
    ASSERT_TRUE(QTest::qWaitFor([&] { return hanging.canReadLine(); }));
    ::kill(pid_t(hanging.processId()), SIGSTOP);
    SingleInstance next(data);
    EXPECT_FALSE(next.handedOver());
    ::kill(pid_t(hanging.processId()), SIGCONT);
    hanging.kill();
    ASSERT_TRUE(QTest::qWaitFor([&] { return hanging.state() == QProcess::NotRunning; }));
}

TEST(SingleInstance, AKilledProgramLeavesNothingInTheWay) {
    const TemporaryFolder folder;
    const QString data = QString::fromStdString((folder / "data").string());
    QProcess killed;
    killed.start(kProgram, {data});
    ASSERT_TRUE(QTest::qWaitFor([&] { return killed.canReadLine(); }));
    killed.kill();
    ASSERT_TRUE(QTest::qWaitFor([&] { return killed.state() == QProcess::NotRunning; }));
    SingleInstance next(data);
    EXPECT_FALSE(next.handedOver());
    SingleInstance afterwards(data);
    EXPECT_TRUE(afterwards.handedOver()); // for the next one listens
}

} // namespace
} // namespace lorikeet::ui
