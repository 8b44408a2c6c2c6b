// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/main_window.h"

#include <QCloseEvent>
#include <QMessageBox>
#include <QPushButton>
#include <QTest>
#include <QTimer>
#include <QToolButton>
#include <QWindow>

#include <SQLiteCpp/Database.h>

#include "core/base/files.h"
#include "tests/support/qt/studio_fixture.h"
#include "ui/pages/page.h"
#include "ui/pages/run_page.h"
#include "ui/pages/runs_page.h"
#include "ui/shell/sidebar.h"
#include "ui/widgets/banner.h"

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

    bool says(const QString& text) const {
        const auto banners = m_window.findChildren<Banner*>();
        return std::any_of(banners.begin(), banners.end(), [&](const Banner* banner) {
            return banner->isVisible() && banner->isEnabled() && banner->text().contains(text);
        });
    }
    void startAndWait() {
        m_studio.training().start(smallRun(100000));
        ASSERT_TRUE(waitUntil([&] { return m_studio.training().step().has_value(); }));
    }

    MainWindow m_window;
};

/// Once it is full, no file can be written but the database.
class FullDisk {
public:
    FullDisk() {
        setFileFaultHook([this](FileOperation operation, const std::filesystem::path&) {
            return m_isFull && operation == FileOperation::Write ? ENOSPC : 0;
        });
    }
    ~FullDisk() { setFileFaultHook({}); }
    void fill() { m_isFull = true; }

private:
    std::atomic<bool> m_isFull = false;
};

TEST_F(MainWindowTest, TellsWhyARunHasPausedByItself) {
    FullDisk disk;
    startAndWait();
    m_window.showPage(PageId::Settings);
    disk.fill();
    m_studio.training().saveNow();
    ASSERT_TRUE(waitUntil([&] { return !m_studio.training().isActive(); }));
    EXPECT_TRUE(says("small has paused by itself."));
    EXPECT_TRUE(says("make room, then resume it"));
    EXPECT_TRUE(button(m_window, "Open run"));
}

TEST_F(MainWindowTest, TellsThatARunCannotBeRecorded) {
    startAndWait();
    m_window.showPage(PageId::Settings);
    SQLite::Database database((dataFolder() / "lorikeet.db").string(), SQLite::OPEN_READWRITE, 10000);
    database.exec("CREATE TRIGGER full BEFORE INSERT ON metrics BEGIN SELECT RAISE(ABORT, 'disk is full'); END");
    EXPECT_TRUE(waitUntil([&] { return says("the run goes on, but cannot be recorded"); }));
    m_studio.training().stopAndWait();
}

TEST_F(MainWindowTest, StaysOpenWhereTheRunCouldNotBeSaved) {
    FullDisk disk;
    startAndWait();
    disk.fill();
    bool asked = false;
    answer("Stop, save and close", asked);
    bool isImpatient = false;
    QObject::connect(&m_studio.training(), &TrainingSession::changed, &m_window, [&] {
        if (m_studio.training().isStopping() && m_window.windowHandle() && !std::exchange(isImpatient, true)) {
            QCloseEvent again;
            QCoreApplication::sendEvent(m_window.windowHandle(), &again);
        }
    });
    EXPECT_FALSE(m_window.close());
    EXPECT_TRUE(asked);
    EXPECT_TRUE(isImpatient);
    EXPECT_TRUE(m_window.isVisible());
    EXPECT_TRUE(says("small was not saved, so Lorikeet stays open."));
    EXPECT_TRUE(m_window.sidebar().isEnabled());
    EXPECT_TRUE(m_window.close()) << "nothing trains any more";
}

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

TEST_F(MainWindowTest, SaysThatItSavesBeforeItCloses) {
    m_studio.training().start(smallRun(100000));
    ASSERT_TRUE(waitUntil([&] { return m_studio.training().step().has_value(); }));
    bool saidSo = false, isStillThere = false;
    QObject::connect(&m_studio.training(), &TrainingSession::changed, &m_window, [&] {
        if (!m_studio.training().isStopping() || saidSo)
            return;
        saidSo = says("The run is being saved. Lorikeet closes when that is done.");
        m_window.close(); // as one does who is impatient
    });
    QObject::connect(&m_studio.training(), &TrainingSession::ended, &m_window,
                     [&] { isStillThere = m_window.isVisible() && says("being saved"); });
    m_window.saveAndClose();
    EXPECT_TRUE(saidSo);
    EXPECT_TRUE(isStillThere);
    EXPECT_FALSE(m_window.isVisible());
}

TEST_F(MainWindowTest, AnUndoIsOfferedForItsOwnTimeThoughOneOfTheSameWordsCameBefore) {
    constexpr int kTime = 400, kLater = 250;
    m_window.setUndoTime(kTime);
    int undone = 0;
    const auto offer = [&] { emit m_window.navigator().undoOffered("Deleted.", [&] { ++undone; }); };
    offer();
    QTest::qWait(kLater);
    offer();
    QTest::qWait(kLater); // the time of the first is over
    QAbstractButton* undo = button(m_window, "Undo");
    ASSERT_TRUE(undo);
    ASSERT_TRUE(undo->isVisible());
    const QPointer<QAbstractButton> kept = undo;
    EXPECT_TRUE(waitUntil([&] { return !kept || !kept->isVisible(); }));
    offer();
    QTest::qWait(10); // the earlier button goes
    QTest::mouseClick(button(m_window, "Undo"), Qt::LeftButton);
    EXPECT_EQ(undone, 1);
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

} // namespace
} // namespace lorikeet::ui
