// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/runs_page.h"

#include <fstream>

#include <QApplication>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <QTimer>

#include "core/runs/run_lock.h"
#include "core/runs/run_store.h"
#include "tests/support/qt/studio_fixture.h"
#include "ui/charts/line_chart.h"
#include "ui/models/run_table_model.h"
#include "ui/pages/home_page.h"
#include "ui/pages/navigator.h"
#include "ui/pages/quick_start_card.h"
#include "ui/pages/run_page.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/figures_strip.h"
#include "ui/widgets/format.h"

namespace lorikeet::ui {
namespace {

class RunPages : public StudioTest {
protected:
    static void clickRow(DataTable& table, int row, Qt::KeyboardModifiers keys = {}) {
        const QRect cell = table.visualRect(table.model()->index(row, 0));
        QTest::mouseClick(table.viewport(), Qt::LeftButton, keys, cell.center());
    }

    static bool shows(const QWidget& parent, const QString& text) {
        for (const QLabel* label : parent.findChildren<QLabel*>())
            if (label->isVisible() && label->text().contains(text))
                return true;
        return false;
    }

    /// A run whose program was killed before its first checkpoint.
    std::string interruptedRun() {
        RunStore store(DataFolder{dataFolder()});
        const RunConfig config = smallRun();
        const std::string id =
            store.create({config.name, config.model, config.data.train, "lora", serialiseRunConfig(config)}).id;
        const RunLock lock(store.folder().run(id));
        store.start(id, RunStart{.kernels = {}, .totalSteps = 3});
        return id;
    }

    Navigator m_navigator;
};

TEST_F(RunPages, TheTimeLeftIsThatOfTheSidebarWhileTheRunTrains) {
    TrainingSession& training = m_studio.training();
    training.start(smallRun(100000));
    ASSERT_TRUE(waitUntil([&] { return training.step().has_value(); }));
    const QString run = training.run();
    RunPage page(m_studio, m_navigator, run);
    page.show();
    const auto* figures = page.findChild<FiguresStrip*>();
    constexpr int kTimeLeft = 2;
    ASSERT_TRUE(waitUntil([&] { return figures->figure(kTimeLeft).size() > 1; }));
    int told = 0, same = 0;
    QObject::connect(&training, &TrainingSession::changed, &page, [&] {
        if (!training.isActive() || !training.step())
            return;
        ++told;
        same += figures->figure(kTimeLeft) == formatDuration(training.step()->secondsLeft) ? 1 : 0;
    });
    EXPECT_TRUE(waitUntil([&] { return told >= 20; }));
    EXPECT_EQ(same, told);
    training.pause();
    ASSERT_TRUE(waitUntil([&] { return !training.isActive(); }));
    EXPECT_TRUE(waitUntil([&] { return figures->figure(kTimeLeft) == "–"; }));
    const double recorded = m_studio.workshop()->runs().metrics(run.toStdString()).back().secondsLeft;
    EXPECT_GT(recorded, 0.0) << "for whoever follows a run of another program";
}

TEST_F(RunPages, AnEmptyListOffersTheQuickStart) {
    RunsPage page(m_studio, m_navigator);
    page.show();
    QSignalSpy wanted(&m_navigator, &Navigator::quickStartWanted);
    ASSERT_TRUE(waitUntil([&] { return button(page, "Start the quick start")->isVisible(); }));
    QTest::mouseClick(button(page, "Start the quick start"), Qt::LeftButton);
    EXPECT_EQ(wanted.count(), 1);
}

TEST_F(RunPages, RunsAreOpenedDeletedAndBroughtBackByKeys) {
    const QString id = train(smallRun());
    RunsPage page(m_studio, m_navigator);
    page.resize(1200, 800);
    page.show();
    auto* table = page.findChild<DataTable*>();
    ASSERT_TRUE(waitUntil([&] { return table->model()->rowCount() == 1; }));
    clickRow(*table, 0);
    QSignalSpy opened(&m_navigator, &Navigator::runWanted);
    QTest::keyClick(table, Qt::Key_Return);
    ASSERT_EQ(opened.count(), 1);
    EXPECT_EQ(opened.at(0).at(0).toString(), id);

    std::function<void()> undo;
    QObject::connect(&m_navigator, &Navigator::undoOffered, &page,
                     [&](const QString&, const std::function<void()>& way) { undo = way; });
    QTest::mouseClick(button(page, "Delete"), Qt::LeftButton);
    ASSERT_TRUE(waitUntil([&] { return table->model()->rowCount() == 0; }));
    ASSERT_TRUE(undo);
    undo();
    EXPECT_TRUE(waitUntil([&] { return table->model()->rowCount() == 1; }));
}

TEST_F(RunPages, TwoSelectedRunsCanBeCompared) {
    const QString first = train(smallRun());
    const QString second = train(smallRun());
    RunsPage page(m_studio, m_navigator);
    page.resize(1200, 800);
    page.show();
    auto* table = page.findChild<DataTable*>();
    ASSERT_TRUE(waitUntil([&] { return table->model()->rowCount() == 2; }));
    QSignalSpy compared(&m_navigator, &Navigator::comparisonWanted);
    clickRow(*table, 0);
    EXPECT_FALSE(button(page, "Compare")->isEnabled());
    clickRow(*table, 1, Qt::ControlModifier);
    ASSERT_TRUE(button(page, "Compare")->isEnabled());
    QTest::mouseClick(button(page, "Compare"), Qt::LeftButton);
    ASSERT_EQ(compared.count(), 1);
    EXPECT_EQ(compared.at(0).at(0).toStringList(), (QStringList{second, first}));
}

TEST_F(RunPages, TheSearchFieldFilters) {
    train(smallRun());
    RunsPage page(m_studio, m_navigator);
    page.show();
    auto* table = page.findChild<DataTable*>();
    ASSERT_TRUE(waitUntil([&] { return table->model()->rowCount() == 1; }));
    QTest::keyClicks(page.findChild<QLineEdit*>(), "no such run");
    EXPECT_EQ(table->model()->rowCount(), 0);
}

TEST_F(RunPages, ANameIsTypedInPeaceWhileTheRunTrains) {
    RunStore store(DataFolder{dataFolder()});
    const std::string id = store.create({"live", "model", "rows.jsonl", "lora", "{}"}).id;
    const RunLock lock(store.folder().run(id));
    store.start(id, RunStart{.kernels = "portable", .totalSteps = 10});
    RunsPage page(m_studio, m_navigator);
    page.resize(1200, 800);
    page.show();
    auto* table = page.findChild<DataTable*>();
    ASSERT_TRUE(waitUntil([&] { return table->model()->rowCount() == 1; }));
    clickRow(*table, 0);
    table->edit(table->currentIndex());
    auto* editor = table->viewport()->findChild<QLineEdit*>();
    ASSERT_TRUE(editor);
    editor->selectAll();
    QTest::keyClicks(editor, "better");
    StepMetrics step;
    step.step = 5;
    store.recordStep(id, step, {});
    ASSERT_TRUE(waitUntil([&] { return m_studio.runs().runs().front().steps == 5; }));
    EXPECT_EQ(editor->text(), "better");
    QTest::keyClick(editor, Qt::Key_Return);
    EXPECT_TRUE(waitUntil([&] { return store.get(id).name == "better"; }));
}

TEST_F(RunPages, ARunThatGoesBackTakesItsWarningsWithIt) {
    RunStore store(DataFolder{dataFolder()});
    const std::string id = store.create({"live", "model", "rows.jsonl", "lora", "{}"}).id;
    const RunLock lock(store.folder().run(id));
    store.start(id, RunStart{.kernels = "portable", .totalSteps = 10});
    StepMetrics step;
    step.step = 5;
    store.recordStep(id, step, {});
    store.recordWarning(id, {.step = 5, .text = "a row was cut"});
    RunPage page(m_studio, m_navigator, QString::fromStdString(id));
    page.resize(1200, 800);
    page.show();
    ASSERT_TRUE(waitUntil([&] { return shows(page, "a row was cut"); }));
    store.rewind(id, 1);
    EXPECT_TRUE(waitUntil([&] { return !shows(page, "a row was cut"); }));
}

TEST_F(RunPages, TheMenuOfARunGoesWithItsPage) {
    const QString id = train(smallRun());
    auto page = std::make_unique<RunPage>(m_studio, m_navigator, id);
    page->show();
    QTimer::singleShot(50, [&page] { page.reset(); });
    QTest::mouseClick(button(*page, "More that can be done with this run"), Qt::LeftButton);
    EXPECT_TRUE(page->findChild<QMenu*>());
    EXPECT_TRUE(waitUntil([&] { return !page; }));
    EXPECT_FALSE(QApplication::activePopupWidget());
}

TEST_F(RunPages, AFinishedRunShowsItsFiguresFromTheDatabase) {
    RunConfig config = smallRun(6);
    config.data.evalFraction = 0.2;
    config.every.eval = 2;
    config.every.sample = 3;
    config.samples = {{"What is blue?"}, 4};
    const QString id = train(config);
    RunPage page(m_studio, m_navigator, id);
    page.resize(1200, 800);
    page.show();
    auto* figures = page.findChild<FiguresStrip*>();
    ASSERT_TRUE(waitUntil([&] { return figures->figure(0) == "6 of 6"; }));
    EXPECT_EQ(figures->figure(7), "step 6");
    EXPECT_NE(figures->figure(5), "–"); // trained
    EXPECT_NE(figures->figure(6), "–"); // evaluated
    EXPECT_TRUE(shows(page, "What is blue?"));
    EXPECT_FALSE(button(page, "Stop")->isVisible());
    QSignalSpy chat(&m_navigator, &Navigator::chatWanted);
    QTest::mouseClick(button(page, "Chat with it"), Qt::LeftButton);
    ASSERT_EQ(chat.count(), 1);
}

TEST_F(RunPages, AnInterruptedRunIsSaidOnHomeUntilItIsDismissed) {
    RunStore store(DataFolder{dataFolder()});
    const std::string id = store.create({"lost", "model", "rows.jsonl", "lora", "{}"}).id;
    {
        const RunLock lock(store.folder().run(id));
        RunStart start;
        start.kernels = "portable";
        start.totalSteps = 10;
        store.start(id, start);
    }
    HomePage page(m_studio, m_navigator);
    page.resize(1200, 800);
    page.show();
    ASSERT_TRUE(waitUntil([&] { return shows(page, "Interrupted run: lost"); }));
    EXPECT_TRUE(button(page, "Resume")->isVisible());
    EXPECT_TRUE(button(page, "Use its settings")->isVisible());
    QTest::mouseClick(button(page, "Dismiss"), Qt::LeftButton);
    EXPECT_FALSE(shows(page, "Interrupted run: lost"));
}

TEST_F(RunPages, HomeGoesOnWithAnInterruptedRunByOneClick) {
    const std::string id = interruptedRun();
    HomePage page(m_studio, m_navigator);
    page.resize(1200, 800);
    page.show();
    ASSERT_TRUE(waitUntil([&] { return shows(page, "Interrupted run: small"); }));
    QTest::mouseClick(button(page, "Resume"), Qt::LeftButton);
    EXPECT_TRUE(m_studio.training().isActive());
    EXPECT_FALSE(button(page, "Resume")->isEnabled());
    RunStore store(DataFolder{dataFolder()});
    EXPECT_TRUE(waitUntil([&] { return store.get(id).state == RunState::Finished; }));
    EXPECT_TRUE(waitUntil([&] { return !shows(page, "Interrupted run: small"); }));
}

TEST_F(RunPages, ARunIsSavedPausedAndResumedByItsButtons) {
    RunConfig config = smallRun(100000);
    m_studio.training().start(config);
    ASSERT_TRUE(waitUntil([&] { return m_studio.training().step().has_value(); }));
    const std::string id = m_studio.training().run().toStdString();
    RunPage page(m_studio, m_navigator, QString::fromStdString(id));
    page.resize(1200, 800);
    page.show();
    ASSERT_TRUE(waitUntil([&] { return button(page, "Save now")->isVisible(); }));
    EXPECT_FALSE(button(page, "Resume")->isVisible());
    EXPECT_EQ(inaccessibleControls(page), QStringList());
    RunStore store(DataFolder{dataFolder()});
    QTest::mouseClick(button(page, "Save now"), Qt::LeftButton);
    EXPECT_TRUE(waitUntil([&] { return !store.checkpoints(id).empty(); }));
    QTest::mouseClick(button(page, "Pause"), Qt::LeftButton);
    EXPECT_TRUE(shows(page, "Pausing; saves first"));
    ASSERT_TRUE(waitUntil([&] { return button(page, "Resume")->isVisible(); }));
    EXPECT_TRUE(shows(page, "The run is paused."));
    EXPECT_FALSE(button(page, "Pause")->isVisible());
    EXPECT_FALSE(button(page, "Stop")->isVisible());
    EXPECT_EQ(store.get(id).state, RunState::Paused);
    const int64_t paused = store.get(id).steps;

    page.activateWindow();
    ASSERT_TRUE(QTest::qWaitForWindowActive(&page));
    QTest::keySequence(&page, QKeySequence(Qt::CTRL | Qt::Key_P));
    ASSERT_TRUE(waitUntil([&] { return m_studio.training().isActive(); })); // the key shows the button pressed first
    EXPECT_FALSE(shows(page, "The run is paused."));
    ASSERT_TRUE(waitUntil([&] { return store.get(id).steps > paused; }));
    ASSERT_TRUE(waitUntil([&] { return button(page, "Stop")->isVisible(); }));
    QTest::mouseClick(button(page, "Stop"), Qt::LeftButton);
    ASSERT_TRUE(waitUntil([&] { return !m_studio.training().isActive(); }));
    EXPECT_EQ(store.get(id).state, RunState::Stopped);
    EXPECT_TRUE(waitUntil([&] { return button(page, "Resume")->isVisible(); }));
}

TEST_F(RunPages, TheQueueIsOrderedEmptiedAndStartedByItsButtons) {
    RunStore store(DataFolder{dataFolder()});
    QStringList ids;
    for (const char* name : {"one", "two", "three"}) {
        const RunConfig config = smallRun();
        ids.append(QString::fromStdString(
            store.createQueued({name, config.model, config.data.train, "lora", serialiseRunConfig(config)}).id));
    }
    RunsPage page(m_studio, m_navigator);
    page.resize(1200, 800);
    page.show();
    auto* table = page.findChild<DataTable*>();
    ASSERT_TRUE(waitUntil([&] { return table->model()->rowCount() == 3; }));
    EXPECT_TRUE(shows(page, "3 runs wait in the queue, the next one is one"));
    EXPECT_EQ(inaccessibleControls(page), QStringList());
    page.activateWindow();
    ASSERT_TRUE(QTest::qWaitForWindowActive(&page));
    for (int row = 0; row < 3; ++row)
        if (table->model()->index(row, 0).data(RunTableModel::IdRole).toString() == ids[2])
            clickRow(*table, row);
    QTest::mouseClick(button(page, "Earlier"), Qt::LeftButton);
    ASSERT_TRUE(waitUntil([&] { return m_studio.runs().queue() == QStringList({ids[0], ids[2], ids[1]}); }));
    EXPECT_EQ(table->currentIndex().siblingAtColumn(RunTableModel::State).data().toString(), "Queued, number 2");
    table->setFocus();
    QTest::keyClick(table, Qt::Key_Up, Qt::AltModifier);
    ASSERT_TRUE(waitUntil([&] { return m_studio.runs().queue() == QStringList({ids[2], ids[0], ids[1]}); }));
    EXPECT_FALSE(button(page, "Earlier")->isEnabled());
    QTest::mouseClick(button(page, "Remove from the queue"), Qt::LeftButton);
    ASSERT_TRUE(waitUntil([&] { return m_studio.runs().queue() == QStringList({ids[0], ids[1]}); }));
    EXPECT_EQ(store.get(ids[2].toStdString()).state, RunState::Created);

    QTest::mouseClick(button(page, "Start now"), Qt::LeftButton); // the next one; the other follows by itself
    ASSERT_TRUE(waitUntil([&] { return store.get(ids[1].toStdString()).state == RunState::Finished; }));
    EXPECT_EQ(store.get(ids[0].toStdString()).state, RunState::Finished);
    EXPECT_LT(store.get(ids[0].toStdString()).ended, store.get(ids[1].toStdString()).started);
    EXPECT_EQ(store.get(ids[2].toStdString()).state, RunState::Created);
    EXPECT_TRUE(waitUntil([&] { return !button(page, "Start now")->isVisible(); }));
}

TEST_F(RunPages, HomeAsksWhetherTheQueueOfAnEarlierSessionStarts) {
    RunStore store(DataFolder{dataFolder()});
    const RunConfig config = smallRun();
    const std::string id =
        store.createQueued({"left", config.model, config.data.train, "lora", serialiseRunConfig(config)}).id;
    HomePage page(m_studio, m_navigator);
    page.resize(1200, 800);
    page.show();
    ASSERT_TRUE(waitUntil([&] { return shows(page, "1 run waits in the queue."); }));
    EXPECT_EQ(store.get(id).state, RunState::Queued);
    QTest::mouseClick(button(page, "Start the queue"), Qt::LeftButton);
    ASSERT_TRUE(waitUntil([&] { return store.get(id).state == RunState::Finished; }));
    EXPECT_TRUE(waitUntil([&] { return !shows(page, "1 run waits in the queue."); }));
}

TEST_F(RunPages, TheLossCurveLeadsToAChatWithTheNearestCheckpoint) {
    RunConfig config = smallRun(8);
    config.every.save = 4;
    const QString id = train(config);
    RunPage page(m_studio, m_navigator, id);
    page.resize(1200, 800);
    page.show();
    LineChart* loss = nullptr;
    for (LineChart* chart : page.findChildren<LineChart*>())
        if (chart->accessibleName() == "Loss")
            loss = chart;
    ASSERT_TRUE(loss);
    auto* figures = page.findChild<FiguresStrip*>();
    ASSERT_TRUE(waitUntil([&] { return figures->figure(7) == "step 8"; }));
    QSignalSpy chat(&m_navigator, &Navigator::chatWanted);
    loss->setFocus();
    QTest::keyClick(loss, Qt::Key_Home);
    QTest::keyClick(loss, Qt::Key_Right);
    EXPECT_TRUE(loss->accessibleDescription().contains("chat with step 4"));
    QTest::keyClick(loss, Qt::Key_Return);
    ASSERT_EQ(chat.count(), 1);
    EXPECT_EQ(chat.at(0).at(0).value<ChatTarget>().step, 4);

    const QPointF end(loss->frame().pixelX(8), loss->frame().area.center().y());
    QTest::mouseClick(loss, Qt::LeftButton, {}, end.toPoint());
    ASSERT_TRUE(waitUntil([&] { return chat.count() == 2; }));
    EXPECT_EQ(chat.at(1).at(0).value<ChatTarget>().step, 8);
}

TEST_F(RunPages, HomeOffersTheQuickStartAndSaysWhatItTakes) {
    HomePage page(m_studio, m_navigator);
    page.resize(1200, 800);
    page.show();
    EXPECT_TRUE(waitUntil([&] { return shows(page, "SmolLM2-135M-Instruct") && shows(page, "92.9 MB"); }));
    QSignalSpy wanted(&m_navigator, &Navigator::quickStartWanted);
    QTest::mouseClick(page.quickStart().startButton(), Qt::LeftButton);
    EXPECT_EQ(wanted.count(), 1);
    m_studio.training().start(smallRun(100000));
    EXPECT_FALSE(page.quickStart().startButton()->isEnabled());
    EXPECT_FALSE(page.quickStart().startButton()->toolTip().isEmpty());
}

} // namespace
} // namespace lorikeet::ui
