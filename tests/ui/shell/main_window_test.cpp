// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/main_window.h"

#include <QMessageBox>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <QTimer>
#include <QToolButton>

#include "tests/support/qt/studio_fixture.h"
#include "ui/pages/page.h"
#include "ui/pages/run_page.h"
#include "ui/pages/runs_page.h"
#include "ui/shell/sidebar.h"
#include "ui/shell/single_instance.h"

namespace lorikeet::ui {
namespace {

class MainWindowTest : public StudioTest {
protected:
    MainWindowTest() : m_window(m_studio) {
        m_window.resize(1440, 900);
        m_window.show();
        QApplication::setActiveWindow(&m_window);
    }

    /// Presses a button of the question that comes up next; tells whether one came.
    void answer(const QString& text, bool& came) {
        QTimer::singleShot(50, &m_window, [this, text, &came] {
            auto* question = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
            if (!question)
                return;
            came = true;
            if (QAbstractButton* pressed = button(*question, text))
                QTest::mouseClick(pressed, Qt::LeftButton);
            else
                ADD_FAILURE() << "no button " << text.toStdString();
        });
    }

    MainWindow m_window;
};

TEST_F(MainWindowTest, TheSidebarAndTheKeysLeadToEveryPage) {
    const QList<PageEntry> pages = pageEntries();
    for (int i = 0; i < pages.size(); ++i) {
        QTest::mouseClick(m_window.sidebar().button(pages[i].id), Qt::LeftButton);
        EXPECT_EQ(m_window.currentPage(), pages[i].id);
    }
    for (int i = 0; i < pages.size(); ++i) {
        QTest::keyClick(&m_window, Qt::Key(Qt::Key_1 + i), Qt::ControlModifier);
        EXPECT_EQ(m_window.currentPage(), pages[i].id) << i;
        EXPECT_TRUE(m_window.sidebar().button(pages[i].id)->isChecked());
    }
}

TEST_F(MainWindowTest, EveryControlHasANameAndAPlaceInTheTabOrder) {
    for (const PageEntry& page : pageEntries())
        m_window.showPage(page.id);
    EXPECT_EQ(inaccessibleControls(m_window).join(QLatin1Char(10)).toStdString(), "");
}

TEST_F(MainWindowTest, TheSidebarShrinksToIconsInANarrowWindow) {
    m_window.resize(1024, 700);
    EXPECT_TRUE(m_window.sidebar().isCollapsed());
    m_window.resize(1440, 900);
    EXPECT_FALSE(m_window.sidebar().isCollapsed());
}

TEST_F(MainWindowTest, ComesBackWhereItWasLeft) {
    m_window.showPage(PageId::Settings);
    m_window.resize(1234, 789);
    m_window.close();
    MainWindow second(m_studio);
    EXPECT_EQ(second.currentPage(), PageId::Settings);
    EXPECT_EQ(second.size(), QSize(1234, 789));
}

TEST_F(MainWindowTest, ClosesWithoutAQuestionWhereNothingTrains) {
    bool asked = false;
    answer("Stay", asked);
    EXPECT_TRUE(m_window.close());
    QTest::qWait(100);
    EXPECT_FALSE(asked);
}

TEST_F(MainWindowTest, AsksBeforeItStopsARunAndCanStay) {
    m_studio.training().start(smallRun(100000));
    ASSERT_TRUE(waitUntil([&] { return m_studio.training().step().has_value(); }));
    bool asked = false;
    answer("Keep training", asked);
    EXPECT_FALSE(m_window.close());
    EXPECT_TRUE(asked);
    EXPECT_TRUE(m_studio.training().isActive());

    const QString run = m_studio.training().run();
    asked = false;
    answer("Stop, save and close", asked);
    EXPECT_TRUE(m_window.close());
    EXPECT_TRUE(asked);
    EXPECT_TRUE(
        std::filesystem::exists(dataFolder() / "runs" / run.toStdString() / "adapter" / "adapter_model.safetensors"));
}

TEST_F(MainWindowTest, SavesAndClosesWithoutAQuestionWhenTheSystemAsks) {
    m_studio.training().start(smallRun(100000));
    ASSERT_TRUE(waitUntil([&] { return m_studio.training().step().has_value(); }));
    const QString run = m_studio.training().run();
    bool asked = false;
    answer("Stop, save and close", asked);
    m_window.saveAndClose();
    EXPECT_FALSE(m_window.isVisible());
    EXPECT_FALSE(asked);
    EXPECT_TRUE(
        std::filesystem::exists(dataFolder() / "runs" / run.toStdString() / "adapter" / "adapter_model.safetensors"));
}

TEST_F(MainWindowTest, SavesAndClosesThoughTheQuestionIsOpen) {
    m_studio.training().start(smallRun(100000));
    ASSERT_TRUE(waitUntil([&] { return m_studio.training().step().has_value(); }));
    QTimer::singleShot(50, &m_window, [this] {
        ASSERT_TRUE(qobject_cast<QMessageBox*>(QApplication::activeModalWidget()));
        m_window.saveAndClose(); // as SIGTERM does
        if (QWidget* question = QApplication::activeModalWidget())
            QTest::keyClick(question, Qt::Key_Escape);
    });
    EXPECT_TRUE(m_window.close());
    EXPECT_FALSE(m_window.isVisible());
    EXPECT_FALSE(m_studio.training().isActive());
}

TEST_F(MainWindowTest, ARunThatStartsIsShown) {
    m_studio.training().start(smallRun(100000));
    ASSERT_TRUE(waitUntil([&] { return !m_studio.training().run().isEmpty(); }));
    EXPECT_EQ(m_window.currentPage(), PageId::Runs);
    const auto* page = m_window.findChild<RunPage*>();
    ASSERT_TRUE(page);
    QAbstractButton* stop = button(*page, "Stop");
    ASSERT_TRUE(waitUntil([&] { return stop->isVisible(); }));
    QTest::mouseClick(stop, Qt::LeftButton);
    EXPECT_TRUE(waitUntil([&] { return !m_studio.training().isActive(); }));
    EXPECT_TRUE(waitUntil([&] { return button(*page, "Chat with it")->isVisible(); }));
}

TEST_F(MainWindowTest, ARunThatCannotBeginSaysWhyInTheWindow) {
    RunConfig config = smallRun();
    config.model = "no such model";
    m_studio.training().start(config);
    ASSERT_TRUE(waitUntil([&] { return !m_studio.training().isActive(); }));
    bool isSaid = false;
    for (const QLabel* label : m_window.findChildren<QLabel*>())
        isSaid |= label->isVisible() && label->text().contains("no such model");
    EXPECT_TRUE(isSaid);
}

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

} // namespace
} // namespace lorikeet::ui
