// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemModelTester>
#include <QSignalSpy>

#include "core/runs/run_lock.h"
#include "core/runs/run_store.h"
#include "tests/support/qt/studio_fixture.h"
#include "ui/models/run_figures.h"
#include "ui/models/run_filter.h"
#include "ui/models/run_table_model.h"
#include "ui/models/run_text.h"

namespace lorikeet::ui {
namespace {

class RunModels : public StudioTest {
protected:
    RunModels() : m_store(DataFolder{dataFolder()}) {}

    QString add(const std::string& name, const std::string& config = "{}") {
        const std::string id = m_store.create({name, "models/Tiny-1B.gguf", "gsm8k/train.jsonl", "lora", config}).id;
        EXPECT_TRUE(waitUntil([&] { return m_studio.runs().find(QString::fromStdString(id)) != nullptr; }));
        return QString::fromStdString(id);
    }

    RunStore m_store;
};

TEST_F(RunModels, TheTableFollowsTheDatabaseAndKeepsSelections) {
    RunTableModel model(m_studio.runs());
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    const QString first = add("first");
    const QPersistentModelIndex selected = model.index(0, 0);
    const QString second = add("second");
    ASSERT_EQ(model.rowCount(), 2);
    EXPECT_EQ(model.index(0, 0).data().toString(), "second"); // the newest first
    EXPECT_EQ(selected.row(), 1);
    m_store.setDeleted(second.toStdString(), true);
    ASSERT_TRUE(waitUntil([&] { return model.rowCount() == 1; }));
    EXPECT_EQ(selected.data(RunTableModel::IdRole).toString(), first);
}

TEST_F(RunModels, ALimitShowsTheNewest) {
    RunTableModel model(m_studio.runs());
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    model.setLimit(2);
    for (const char* name : {"a", "b", "c"})
        add(name);
    ASSERT_EQ(model.rowCount(), 2);
    EXPECT_EQ(model.index(0, 0).data().toString(), "c");
    EXPECT_EQ(model.index(1, 0).data().toString(), "b");
}

TEST_F(RunModels, CellsAreWordsOfTheUser) {
    RunTableModel model(m_studio.runs());
    add("math", R"({"quantization": {"type": "int4"}, "lora": {"r": 8}})");
    const auto text = [&](int column) { return model.index(0, column).data().toString(); };
    EXPECT_EQ(text(RunTableModel::Model), "Tiny-1B");
    EXPECT_EQ(text(RunTableModel::Dataset), "gsm8k train");
    EXPECT_EQ(text(RunTableModel::Method), "INT4, r 8");
    EXPECT_EQ(text(RunTableModel::State), "Not started");
}

TEST_F(RunModels, AnEditedNameIsWritten) {
    RunTableModel model(m_studio.runs());
    const QString id = add("old");
    EXPECT_FALSE(model.setData(model.index(0, RunTableModel::Name), "  "));
    EXPECT_TRUE(model.setData(model.index(0, RunTableModel::Name), " new "));
    EXPECT_EQ(model.index(0, RunTableModel::Name).data().toString(), "new");
    EXPECT_TRUE(waitUntil([&] { return m_store.get(id.toStdString()).name == "new"; }));
}

TEST_F(RunModels, AStepOfARunTouchesItsRowAloneAndNotItsName) {
    RunTableModel model(m_studio.runs());
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    const std::string trained = add("trained").toStdString();
    add("other");
    const RunLock lock(m_store.folder().run(trained));
    m_store.start(trained, RunStart{.kernels = "portable", .totalSteps = 10});
    const auto state = [&] { return model.index(1, RunTableModel::State).data().toString(); };
    ASSERT_TRUE(waitUntil([&] { return state() == "Training, 0 %"; }));
    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    StepMetrics step;
    step.step = 5;
    m_store.recordStep(trained, step, {});
    ASSERT_TRUE(waitUntil([&] { return state() == "Training, 50 %"; }));
    ASSERT_GE(changed.count(), 1);
    for (const QList<QVariant>& change : changed) {
        EXPECT_EQ(change.at(0).toModelIndex().row(), 1);
        EXPECT_EQ(change.at(1).toModelIndex().row(), 1);
        EXPECT_GT(change.at(0).toModelIndex().column(), int(RunTableModel::Name));
    }
}

TEST_F(RunModels, TheFilterFindsTextAndState) {
    RunTableModel model(m_studio.runs());
    RunFilter filter;
    filter.setSourceModel(&model);
    QAbstractItemModelTester tester(&filter, QAbstractItemModelTester::FailureReportingMode::Fatal);
    add("apples");
    add("pears");
    filter.setText("PEAR");
    ASSERT_EQ(filter.rowCount(), 1);
    EXPECT_EQ(filter.index(0, 0).data().toString(), "pears");
    filter.setText("tiny-1b");
    EXPECT_EQ(filter.rowCount(), 2);
    filter.setState(RunState::Finished);
    EXPECT_EQ(filter.rowCount(), 0);
    filter.setState(std::nullopt);
    EXPECT_EQ(filter.rowCount(), 2);
}

StepMetrics metricsAt(int64_t step, double secondsLeft) {
    StepMetrics metrics;
    metrics.step = step;
    metrics.loss = 2.0;
    metrics.seconds = step > 30 ? 60.0 + double(step) : double(step); // an evaluation of a minute after step 30
    metrics.secondsLeft = secondsLeft;
    return metrics;
}

TEST(RunFigures, TimeLeftIsWhatTheTrainerForesaw) {
    RunHistory history;
    history.record.state = RunState::Running;
    history.record.totalSteps = 100;
    for (int64_t step = 1; step <= 40; ++step)
        history.metrics.push_back(metricsAt(step, 60.0 + 2.0 * double(100 - step)));
    const RunFigures figures = runFigures(history);
    ASSERT_TRUE(figures.secondsLeft);
    EXPECT_DOUBLE_EQ(*figures.secondsLeft, 180.0);
    EXPECT_DOUBLE_EQ(*smoothedLoss(history.metrics), 2.0);
    history.metrics.push_back(metricsAt(41, std::nan(""))); // of an earlier version
    EXPECT_FALSE(runFigures(history).secondsLeft);
    history.metrics.pop_back();
    history.record.state = RunState::Finished;
    EXPECT_FALSE(runFigures(history).secondsLeft);
}

TEST(RunText, TellsWhenTheFirstSampleComes) {
    RunRecord run;
    run.config = R"({"every": {"sample": 50}, "samples": {"prompts": []}})";
    EXPECT_EQ(firstSampleStep(run), 0);
    run.config = R"({"every": {"sample": 50}, "samples": {"prompts": ["Who are you?"]}})";
    EXPECT_EQ(firstSampleStep(run), 50);
    run.totalSteps = 20; // the last step always answers
    EXPECT_EQ(firstSampleStep(run), 20);
}

TEST(RunText, StatesSayWhereARunStopped) {
    RunRecord run;
    run.steps = 96;
    run.totalSteps = 400;
    run.state = RunState::Stopped;
    EXPECT_EQ(runStateText(run), "Stopped at 96");
    run.state = RunState::Running;
    EXPECT_EQ(runStateText(run), "Training, 24 %");
    run.phase = "evaluating";
    EXPECT_EQ(runStateText(run), "Evaluating");
}

} // namespace
} // namespace lorikeet::ui
