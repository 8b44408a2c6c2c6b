// SPDX-License-Identifier: GPL-3.0-or-later
// The way of somebody who has never trained a model: open the window, press Quick start, watch, chat.
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTest>
#include <QToolButton>

#include "core/runs/run_store.h"
#include "tests/support/qt/studio_fixture.h"
#include "ui/pages/chat_answer_view.h"
#include "ui/pages/chat_composer.h"
#include "ui/pages/chat_page.h"
#include "ui/pages/chat_transcript.h"
#include "ui/pages/chat_turn_view.h"
#include "ui/pages/home_page.h"
#include "ui/pages/quick_start_card.h"
#include "ui/pages/run_page.h"
#include "ui/session/talk.h"
#include "ui/shell/main_window.h"
#include "ui/shell/sidebar.h"

namespace lorikeet::ui {
namespace {

class QuickStartWay : public StudioTest {
protected:
    QuickStartWay() : m_window(m_studio) {
        m_window.resize(1440, 900);
        m_window.show();
        QTest::mouseClick(m_window.sidebar().button(PageId::Home), Qt::LeftButton);
    }
    ~QuickStartWay() override { qunsetenv("LORIKEET_STARTER_MODEL"); }

    void startAndWatch(int patience) {
        auto* home = m_window.findChild<HomePage*>();
        ASSERT_TRUE(home);
        QTest::mouseClick(home->quickStart().startButton(), Qt::LeftButton);
        ASSERT_TRUE(waitUntil([&] { return !m_studio.training().run().isEmpty(); }, patience));
        EXPECT_EQ(m_window.currentPage(), PageId::Runs);
        EXPECT_TRUE(m_window.findChild<RunPage*>());
        ASSERT_TRUE(waitUntil([&] { return !m_studio.training().isActive(); }, patience));
    }

    void chat(int patience) {
        ASSERT_TRUE(waitUntil([&] { return m_window.currentPage() == PageId::Chat; }));
        auto* page = m_window.findChild<ChatPage*>();
        ASSERT_TRUE(page);
        ASSERT_TRUE(waitUntil([&] { return page->talk().sides() == 2; })); // base and tuned
        ChatSampling sampling = page->talk().settings().sampling;
        sampling.maxNewTokens = 48;
        page->talk().setSampling(sampling);
        QTest::keyClicks(page->composer().editor(), "How do I relax after work?");
        QTest::keyClick(page->composer().editor(), Qt::Key_Return);
        ASSERT_TRUE(waitUntil([&] { return !page->talk().turns().empty() && !page->talk().isAnswering(); }, patience));
        const ChatTurn& turn = page->talk().turns().front();
        ASSERT_EQ(turn.answers.size(), 2u);
        for (const auto& answer : turn.answers) {
            ASSERT_TRUE(answer);
            EXPECT_GT(answer->tokens, 0);
            EXPECT_FALSE(answer->label.empty());
        }
        EXPECT_NE(turn.answers[0]->label, turn.answers[1]->label);
        EXPECT_NE(turn.answers[0]->text, turn.answers[1]->text);
        std::cout << "base:  " << turn.answers[0]->text << "\ntuned: " << turn.answers[1]->text << "\n";
    }

    MainWindow m_window;
};

TEST_F(QuickStartWay, EndsInAChatWithTheTunedModel) {
    qputenv("LORIKEET_STARTER_MODEL", QByteArray::fromStdString(modelPath()));
    startAndWatch(60000);
    chat(60000);
    const std::vector<RunRecord> runs = RunStore(DataFolder{dataFolder()}).list();
    ASSERT_EQ(runs.size(), 1u);
    EXPECT_EQ(runs[0].state, RunState::Finished);
    EXPECT_EQ(runs[0].steps, 60);
}

TEST_F(QuickStartWay, WithTheRealStarterModelFetchedByTheApplication) {
    if (!qEnvironmentVariableIsSet("LORIKEET_TEST_SLOW"))
        GTEST_SKIP()
            << "takes minutes and fetches 93 MB: needs LORIKEET_TEST_SLOW, which scripts/check_quick_start sets";
    constexpr int kMinutes = 60000;
    startAndWatch(15 * kMinutes);
    const std::vector<RunRecord> runs = RunStore(DataFolder{dataFolder()}).list();
    ASSERT_EQ(runs.size(), 1u);
    ASSERT_TRUE(runs[0].bestEvaluation);
    const auto evaluations = RunStore(DataFolder{dataFolder()}).evaluations(runs[0].id);
    std::cout << "trained in " << runs[0].seconds.value_or(0) << " s; held-out loss at the end "
              << evaluations.back().loss << "\n";
    chat(2 * kMinutes);
    EXPECT_TRUE(m_window.grab().save(QStringLiteral(LORIKEET_BINARY_DIR "/quick_start.png")));
}

TEST_F(QuickStartWay, SaysWhatIsMissingWhereTheModelCannotBeFetched) {
    const QByteArray path = qgetenv("PATH");
    qputenv("PATH", "/nowhere");
    auto* home = m_window.findChild<HomePage*>();
    QTest::mouseClick(home->quickStart().startButton(), Qt::LeftButton);
    const bool isSaid = waitUntil([&] {
        for (const QLabel* label : home->findChildren<QLabel*>())
            if (label->isVisible() && label->text().contains("python3"))
                return true;
        return false;
    });
    qputenv("PATH", path);
    EXPECT_TRUE(isSaid);
    EXPECT_TRUE(waitUntil([&] { return button(*home, "Choose a GGUF file…")->isVisible(); }));
    EXPECT_TRUE(home->quickStart().startButton()->isEnabled());
}

} // namespace
} // namespace lorikeet::ui
