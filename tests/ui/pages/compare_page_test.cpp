// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/compare_page.h"

#include <QAbstractItemModelTester>
#include <QCheckBox>
#include <QClipboard>
#include <QDropEvent>
#include <QFile>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMimeData>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>

#include "core/jobs/chat_job.h"
#include "core/runs/run_store.h"
#include "tests/support/qt/studio_fixture.h"
#include "ui/pages/compare_answers.h"
#include "ui/pages/compare_chips.h"
#include "ui/pages/compare_curves.h"
#include "ui/pages/compare_model.h"
#include "ui/pages/compare_table.h"
#include "ui/pages/navigator.h"
#include "ui/pages/run_picker.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/segmented_control.h"

namespace lorikeet::ui {
namespace {

RunHistory history(std::initializer_list<double> losses) {
    RunHistory run;
    for (const double loss : losses) {
        StepMetrics step;
        step.step = int64_t(run.metrics.size()) + 1;
        step.loss = loss;
        step.tokens = 100;
        step.seconds = 2.0 * double(step.step);
        step.epoch = 0.5 * double(step.step);
        step.tokensPerSecond = 50.0;
        run.metrics.push_back(step);
    }
    return run;
}

QString textOf(const ComparisonRow& row) {
    QStringList cells;
    for (const ComparisonCell& cell : row.cells)
        cells.append(cell.text + (cell.note.isEmpty() ? QString() : "!" + cell.note));
    return row.title + ": " + cells.join(" | ");
}

TEST(Comparison, CurvesStandAtStepTokensEpochOrTime) {
    RunHistory run = history({4.0, 2.0, 1.0});
    run.evaluations = {{2, 1.5}, {9, 1.0}};
    const auto x = [&](CompareAxis axis) {
        const auto curve = lossCurve(run, axis, false);
        return std::vector<double>{curve[0].x(), curve[1].x(), curve[2].x()};
    };
    EXPECT_EQ(x(CompareAxis::Step), (std::vector<double>{1, 2, 3}));
    EXPECT_EQ(x(CompareAxis::Tokens), (std::vector<double>{100, 200, 300}));
    EXPECT_EQ(x(CompareAxis::Epoch), (std::vector<double>{0.5, 1, 1.5}));
    EXPECT_EQ(x(CompareAxis::Time), (std::vector<double>{2, 4, 6}));
    EXPECT_EQ(lossCurve(run, CompareAxis::Step, false)[2].y(), 1.0);
    EXPECT_GT(lossCurve(run, CompareAxis::Step, true)[2].y(), 1.0);
    EXPECT_EQ(evaluationCurve(run, CompareAxis::Step).size(), 2U);
    // Where a step has not been told, its place on other axes is not known.
    const auto byTime = evaluationCurve(run, CompareAxis::Time);
    ASSERT_EQ(byTime.size(), 1U);
    EXPECT_EQ(byTime[0], QPointF(4.0, 1.5));
}

TEST(Comparison, TheBestResultIsMarkedWhereOneIsBetter) {
    RunHistory first = history({4.0}), second = history({2.0});
    first.evaluations = {{1, 3.0}};
    second.evaluations = {{1, 2.5}};
    first.record.peak = second.record.peak = {{"weights", 1 << 20}, {"logits", 1 << 20}};
    const auto rows = resultRows({&first, &second});
    EXPECT_EQ(textOf(rows[2]), "Eval loss, step 1: 3.000 | 2.500!lowest");
    EXPECT_EQ(textOf(rows[3]), "Training loss: 4.000 | 2.000!lowest");
    EXPECT_EQ(textOf(rows[4]), "Peak memory: 2.00 MiB | 2.00 MiB");
    second.evaluations = {{2, 2.5}};
    EXPECT_EQ(textOf(resultRows({&first, &second})[2]), "Eval loss: 3.000 at step 1 | 2.500 at step 2!lowest");
    second.evaluations.clear();
    EXPECT_EQ(textOf(resultRows({&first, &second})[2]), "Eval loss, step 1: 3.000 | –");
}

TEST(Comparison, ARunWhoseSettingsCannotBeReadHasEmptyCells) {
    RunRecord broken;
    broken.config = "{";
    const auto rows = settingRows({&broken, &broken});
    EXPECT_TRUE(rows.empty());
}

class ComparePageTest : public StudioTest {
protected:
    /// A page that compares two runs, which differ in rank, and a third run beside it.
    void SetUp() override {
        RunConfig config = smallRun();
        config.name = "one";
        m_one = train(config);
        config.name = "two";
        config.lora.rank = 4;
        m_two = train(config);
        config.name = "three";
        m_three = train(config);
        m_page = std::make_unique<ComparePage>(m_studio, m_navigator);
        m_page->resize(1200, 900);
        m_page->show();
        m_page->compare({m_one, m_two});
        auto* curves = m_page->findChild<CompareCurves*>();
        ASSERT_TRUE(
            waitUntil([&] { return curves->chart().seriesCount() == 2 && curves->chart().points(1).size() == 3; }));
        ASSERT_TRUE(waitUntil([&] { return rowOf("lora.r") >= 0; }));
    }
    ComparisonModel& model() { return *m_page->findChild<ComparisonModel*>(); }
    int rowOf(const QString& key) {
        for (size_t i = 0; i < model().rows().size(); ++i)
            if (model().rows()[i].key == key)
                return int(i);
        return -1;
    }
    SegmentedControl* control(const QString& name) {
        for (auto* found : m_page->findChildren<SegmentedControl*>())
            if (found->accessibleName() == name)
                return found;
        return nullptr;
    }

    QString m_one, m_two, m_three;
    Navigator m_navigator;
    std::unique_ptr<ComparePage> m_page;
};

TEST_F(StudioTest, AnEmptyComparisonOffersToAddARun) {
    Navigator navigator;
    ComparePage page(m_studio, navigator);
    page.show();
    QTest::mouseClick(button(page, "Add a run"), Qt::LeftButton);
    EXPECT_TRUE(page.findChild<RunPicker*>()->isVisible());
    QTest::keyClick(page.findChild<RunPicker*>(), Qt::Key_Escape);
}

TEST_F(ComparePageTest, ShowsWhatDiffersAndOnDemandAll) {
    QAbstractItemModelTester tester(&model(), QAbstractItemModelTester::FailureReportingMode::Fatal);
    const int rank = rowOf("lora.r");
    EXPECT_EQ(model().index(rank, 1).data(), "4");
    EXPECT_TRUE(model().index(rank, 1).data(DiffersRole).toBool());
    EXPECT_FALSE(model().index(rank, 0).data(DiffersRole).toBool());
    EXPECT_EQ(model().headerData(rank, Qt::Vertical), "Rank");
    EXPECT_EQ(rowOf("training.learning_rate"), -1);
    QTest::mouseClick(m_page->findChild<QCheckBox*>(), Qt::LeftButton, {}, {10, 10});
    EXPECT_GE(rowOf("training.learning_rate"), 0);
    EXPECT_EQ(rowOf("name"), -1);
}

TEST_F(ComparePageTest, CurvesFollowTheirControls) {
    LineChart& chart = m_page->findChild<CompareCurves*>()->chart();
    QTest::mouseClick(control("Axis")->segment(3), Qt::LeftButton);
    EXPECT_EQ(chart.xKind(), AxisKind::Duration);
    EXPECT_LT(chart.points(0).back().x(), 3600.0);
    QTest::mouseClick(control("Axis")->segment(0), Qt::LeftButton);
    const double smooth = chart.points(0)[2].y();
    QTest::mouseClick(control("Curve")->segment(1), Qt::LeftButton);
    EXPECT_NE(chart.points(0)[2].y(), smooth);
    QTest::mouseClick(control("Scale")->segment(1), Qt::LeftButton);
    EXPECT_TRUE(chart.isLogarithmic());
    QTest::mouseClick(control("Loss")->segment(1), Qt::LeftButton);
    EXPECT_TRUE(chart.points(0).empty()); // no run was evaluated
    EXPECT_FALSE(control("Curve")->segment(0)->isEnabled());
    // The cursor reads all runs.
    QTest::mouseClick(control("Loss")->segment(0), Qt::LeftButton);
    EXPECT_EQ(chart.sortedReadings(2).size(), 2U);
}

TEST_F(ComparePageTest, RunsAreFoundByTypingAndAddedByReturn) {
    QTest::mouseClick(m_page->findChild<CompareChips*>()->addButton(), Qt::LeftButton);
    auto* picker = m_page->findChild<RunPicker*>();
    ASSERT_TRUE(picker->isVisible());
    EXPECT_EQ(picker->list()->model()->rowCount(), 1); // the others are there already
    QTest::keyClicks(picker->search(), "nothing like it");
    EXPECT_EQ(picker->list()->model()->rowCount(), 0);
    picker->search()->clear();
    QTest::keyClicks(picker->search(), "thr");
    QTest::keyClick(picker->search(), Qt::Key_Return);
    EXPECT_FALSE(picker->isVisible());
    EXPECT_EQ(m_page->runs(), (QStringList{m_one, m_two, m_three}));
    EXPECT_EQ(model().columnCount(), 3);
}

TEST_F(ComparePageTest, AChipIsDraggedToTheFrontAndRemovedByItsCross) {
    auto* chips = m_page->findChild<CompareChips*>();
    QMimeData what;
    what.setData(CompareChips::kMimeType, m_two.toUtf8());
    QDragEnterEvent enter(QPoint(1, 5), Qt::MoveAction, &what, Qt::LeftButton, {});
    QCoreApplication::sendEvent(chips, &enter);
    ASSERT_TRUE(enter.isAccepted());
    QDropEvent drop(QPointF(1, 5), Qt::MoveAction, &what, Qt::LeftButton, {});
    QCoreApplication::sendEvent(chips, &drop);
    EXPECT_EQ(m_page->runs(), (QStringList{m_two, m_one}));
    EXPECT_TRUE(chips->chip(m_two)->accessibleName().contains("reference"));
    const int rank = rowOf("lora.r");
    EXPECT_EQ(model().index(rank, 0).data(), "4"); // the column went with it
    EXPECT_TRUE(model().index(rank, 1).data(DiffersRole).toBool());
    QTest::keyClick(chips->chip(m_two), Qt::Key_Delete);
    EXPECT_EQ(m_page->runs(), QStringList{m_one});
    QTest::mouseClick(button(*chips->chip(m_one), "Remove from the comparison"), Qt::LeftButton);
    EXPECT_TRUE(m_page->runs().isEmpty());
    EXPECT_TRUE(button(*m_page, "Add a run")->isVisible());
}

TEST_F(ComparePageTest, EachRunAnswersThePromptWithItsAdapter) {
    auto* answers = m_page->findChild<CompareAnswers*>();
    QAbstractItemModelTester tester(answers, QAbstractItemModelTester::FailureReportingMode::Fatal);
    auto* prompt = m_page->findChild<QLineEdit*>({}, Qt::FindChildrenRecursively);
    for (auto* field : m_page->findChildren<QLineEdit*>())
        if (field->accessibleName().startsWith("Prompt"))
            prompt = field;
    EXPECT_FALSE(button(*m_page, "Ask all")->isEnabled());
    QTest::keyClicks(prompt, "What is blue?");
    QTest::keyClick(prompt, Qt::Key_Return);
    ASSERT_TRUE(answers->isAsking());
    ASSERT_TRUE(waitUntil([&] { return !answers->isAsking(); }, 60000));
    Workshop& workshop = *m_studio.workshop();
    for (int run = 0; run < 2; ++run) {
        const ComparedAnswer& answer = answers->answers()[size_t(run)];
        ASSERT_EQ(int(answer.state), int(ComparedAnswer::State::Done)) << answer.problem;
        ChatSpeaker speaker(workshop, chatSourceOfRun(workshop.runs(), (run == 0 ? m_one : m_two).toStdString()));
        const ChatMessage message{"user", "What is blue?"};
        const ChatSampling greedy{.temperature = 0.0, .topP = 1.0, .maxNewTokens = CompareAnswers::kMaxTokens};
        const SpokenAnswer expected = speaker.answer({&message, 1}, greedy);
        EXPECT_EQ(answer.text, expected.text);
        EXPECT_TRUE(answers->index(0, run).data(FooterRole).toString().contains("tok/s"));
    }
    // An answer stays with its run.
    const std::string second = answers->answers()[1].text;
    m_page->findChild<CompareChips*>()->chip(m_two)->referenceWanted();
    EXPECT_EQ(answers->answers()[0].text, second);
}

TEST_F(ComparePageTest, AskingCanBeStopped) {
    auto* answers = m_page->findChild<CompareAnswers*>();
    answers->ask("What is green?");
    EXPECT_EQ(button(*m_page, "Stop")->text(), "Stop");
    QTest::mouseClick(button(*m_page, "Stop"), Qt::LeftButton);
    EXPECT_FALSE(answers->isAsking());
    EXPECT_EQ(int(answers->answers()[1].state), int(ComparedAnswer::State::Stopped));
}

TEST_F(ComparePageTest, ComparesTheSameRunsTheNextTime) {
    m_page->compare({m_two, m_one});
    m_page.reset();
    Navigator navigator;
    ComparePage again(m_studio, navigator);
    EXPECT_EQ(again.runs(), (QStringList{m_two, m_one}));
    again.show();
    QTest::mouseClick(button(again, "Clear"), Qt::LeftButton);
    EXPECT_TRUE(ComparePage(m_studio, navigator).runs().isEmpty());
    // Runs that are gone are not missed.
    again.compare({m_one, m_two});
    m_studio.runs().setDeleted(m_one, true);
    ASSERT_TRUE(waitUntil([&] { return !m_studio.runs().find(m_one); }));
    EXPECT_EQ(ComparePage(m_studio, navigator).runs(), QStringList{m_two});
}

TEST_F(ComparePageTest, HeadsFollowTheNamesOfRunsAndOutliveThem) {
    m_studio.runs().rename(m_two, "another name");
    EXPECT_TRUE(waitUntil([&] { return model().headerData(1, Qt::Horizontal) == "another name"; }));
    m_studio.runs().setDeleted(m_two, true);
    ASSERT_TRUE(waitUntil([&] { return !m_studio.runs().find(m_two); }));
    m_page->hide();
    m_page->show();
    EXPECT_EQ(model().headerData(1, Qt::Horizontal), "another name");
}

TEST_F(ComparePageTest, SaysThatOneRunTooManyIsNotTaken) {
    QStringList runs = {m_one, m_two, m_three};
    for (int i = 0; i < 3; ++i)
        runs.append(QString("run %1").arg(i));
    m_page->compare(runs);
    EXPECT_EQ(m_page->runs().size(), 6);
    auto* banner = m_page->findChild<Banner*>();
    for (Banner* one : m_page->findChildren<Banner*>())
        if (one->parentWidget() == m_page.get())
            banner = one;
    EXPECT_FALSE(banner->isVisible());
    m_page->compare({"one more"});
    EXPECT_EQ(m_page->runs(), runs);
    EXPECT_TRUE(banner->isVisible());
}

TEST_F(ComparePageTest, NothingIsDrawnWhileNobodySeesIt) {
    m_page->hide();
    m_page->findChild<CompareChips*>()->chip(m_two)->referenceWanted();
    EXPECT_EQ(model().headerData(0, Qt::Horizontal), "one");
    m_page->show();
    EXPECT_EQ(model().headerData(0, Qt::Horizontal), "two");
}

TEST_F(ComparePageTest, TabGoesFromAChipToItsCross) {
    auto* chips = m_page->findChild<CompareChips*>();
    QWidget* next = chips->chip(m_one);
    QList<QWidget*> order;
    for (int i = 0; i < 40 && order.size() < 4; ++i) {
        next = next->nextInFocusChain();
        if (chips->isAncestorOf(next) && next->focusPolicy() & Qt::TabFocus)
            order.append(next);
    }
    EXPECT_EQ(order, (QList<QWidget*>{chips->chip(m_one)->cross(), chips->chip(m_two), chips->chip(m_two)->cross(),
                                      chips->addButton()}));
}

TEST_F(ComparePageTest, SavesItsTableAsCsv) {
    const QString path = QString::fromStdString((m_folder / "comparison.csv").string());
    QSignalSpy saved(m_page.get(), &ComparePage::saved);
    m_page->saveCsv(path);
    ASSERT_TRUE(saved.wait());
    QFile file(path);
    ASSERT_TRUE(file.open(QIODevice::ReadOnly));
    const QByteArray bytes = file.readAll();
    EXPECT_TRUE(bytes.startsWith("Setting,one,two\n")) << bytes.toStdString();
    EXPECT_TRUE(bytes.contains("\nlora.r,16,4\n")) << bytes.toStdString();
    EXPECT_TRUE(bytes.contains("\nState,Finished,Finished\n"));
}

TEST(CompareTable, NarrowColumnsScrollAndTheirLabelsStay) {
    ComparisonModel model;
    model.setHeads({{"one", comparedLine(0)}, {"two", comparedLine(1)}, {"three", comparedLine(2)}});
    model.setRows({{ComparisonRow::Kind::Setting, "lora.r", "Rank", {{"1", {}}, {"2", {}, true}, {"3", {}, true}}}});
    CompareTable table("Settings", "Setting");
    table.setModel(&model);
    table.resize(500, table.contentHeight());
    table.show();
    EXPECT_EQ(table.columnWidth(0), 200);
    EXPECT_EQ(table.horizontalScrollBar()->maximum(), 180 + 600 - 500);
    const int heightWithBar = table.height();
    EXPECT_GT(heightWithBar, table.contentHeight());
    table.horizontalScrollBar()->setValue(100);
    EXPECT_EQ(table.columnViewportPosition(0), -100);
    EXPECT_EQ(table.verticalHeader()->x(), 0);
    table.resize(1000, heightWithBar);
    EXPECT_EQ(table.columnWidth(0), 273);
    EXPECT_EQ(table.height(), table.contentHeight());
    table.setCurrentIndex(model.index(0, 1));
    QTest::keyClick(&table, Qt::Key_C, Qt::ControlModifier);
    EXPECT_EQ(QApplication::clipboard()->text(), "2");
}

TEST_F(ComparePageTest, EveryControlHasANameAndAPlaceInTheTabOrder) {
    EXPECT_EQ(inaccessibleControls(*m_page).join('\n').toStdString(), "");
}

} // namespace
} // namespace lorikeet::ui
