// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/chart_card.h"

#include <gtest/gtest.h>

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QFile>
#include <QFileDialog>
#include <QLineEdit>
#include <QSignalSpy>
#include <QStackedWidget>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QThreadPool>

#include <limits>

#include "ui/charts/chart_export.h"
#include "ui/charts/chart_table.h"
#include "ui/charts/line_chart.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/data_table.h"

namespace lorikeet::ui {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

QByteArray contentOf(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QToolButton* buttonOf(const QWidget& card, const QString& name) {
    for (QToolButton* button : card.findChildren<QToolButton*>())
        if (button->accessibleName() == name)
            return button;
    return nullptr;
}

/// A card on a page of a stack, as in the window.
struct Shown {
    QStackedWidget stack;
    LineChart* chart = new LineChart("Loss");
    ChartCard* card = new ChartCard("Loss", chart);
    QLineEdit* below = new QLineEdit("below");

    Shown() {
        chart->setXAxis(AxisKind::Count, "Step");
        chart->setYAxis(AxisKind::Loss);
        chart->addSeries({"Loss", rawLine(0)});
        chart->addSeries({"Eval, \"best\"", evaluationLine(1)});
        chart->append(0, std::vector<QPointF>{{1, 0.1}, {2, kNan}, {3, 1e-7}});
        chart->append(1, std::vector<QPointF>{{2, 1.0 / 3.0}});
        auto* page = new QWidget;
        auto* layout = new QVBoxLayout(page);
        layout->addWidget(card);
        below->setFixedHeight(120);
        layout->addWidget(below);
        stack.addWidget(page);
        stack.resize(600, 400);
        stack.show();
    }
};

TEST(ChartExport, CsvHoldsExactValues) {
    Shown shown;
    EXPECT_EQ(csvBytes(shown.chart->table()), "Step,Loss,\"Eval, \"\"best\"\"\"\n"
                                              "1,0.1,\n"
                                              "2,,0.3333333333333333\n"
                                              "3,1e-07,\n");
    EXPECT_EQ(csvBytes({}), "\n");
    EXPECT_EQ(csvCell("plain text"), "plain text");
    EXPECT_EQ(csvCell("a \"b\""), "\"a \"\"b\"\"\"");
    EXPECT_EQ(csvCell("two\nlines"), "\"two\nlines\"");
}

TEST(ChartCard, SavesCsvAndPng) {
    Shown shown;
    QTemporaryDir folder;
    QSignalSpy saved(shown.card, &ChartCard::saved);
    shown.card->saveCsv(folder.filePath("loss.csv"));
    ASSERT_TRUE(saved.wait());
    EXPECT_EQ(contentOf(folder.filePath("loss.csv")), csvBytes(shown.chart->table()));
    shown.card->savePng(folder.filePath("loss.png"));
    ASSERT_TRUE(saved.wait());
    const QImage image(folder.filePath("loss.png"));
    EXPECT_EQ(image.width(), 2 * std::max(480, shown.chart->width()));
}

/// Chooses an entry of the card's menu for saving.
void chooseToSave(ChartCard& card, const QString& text) {
    for (QAction* action : buttonOf(card, "Save this chart")->menu()->actions())
        if (action->text() == text)
            action->trigger();
}

TEST(ChartCard, SavesWhereTheUserChooses) {
    Shown shown;
    QTemporaryDir folder;
    QSignalSpy saved(shown.card, &ChartCard::saved);
    chooseToSave(*shown.card, "Save values as CSV…");
    const QPointer<QFileDialog> dialog = shown.card->findChild<QFileDialog*>();
    ASSERT_TRUE(dialog && dialog->isVisible());
    dialog->setDirectory(folder.path());
    dialog->selectFile("curve");
    static_cast<QDialog*>(dialog.data())->accept();
    ASSERT_TRUE(saved.wait());
    EXPECT_EQ(contentOf(folder.filePath("curve.csv")), csvBytes(shown.chart->table()));
    EXPECT_TRUE(QTest::qWaitFor([&] { return !dialog; }));
}

TEST(ChartCard, MayGoWhileItAsksWhereToSave) {
    Shown shown;
    QTemporaryDir folder;
    bool wasAsked = false;
    QTimer::singleShot(0, qApp, [&] { // as where another run's page takes the place of this one
        delete shown.stack.currentWidget();
        for (QWidget* window : QApplication::topLevelWidgets())
            if (auto* dialog = qobject_cast<QFileDialog*>(window)) { // that outlives it
                dialog->selectFile(folder.filePath("loss.png"));
                static_cast<QDialog*>(dialog)->accept();
            }
        wasAsked = true;
    });
    chooseToSave(*shown.card, "Save as PNG…");
    EXPECT_TRUE(QTest::qWaitFor([&] { return wasAsked; }));
    EXPECT_FALSE(qobject_cast<QFileDialog*>(QApplication::activeModalWidget()));
}

TEST(ChartCard, SaysWhatCouldNotBeSaved) {
    Shown shown;
    auto* banner = shown.card->findChild<Banner*>();
    EXPECT_FALSE(banner->isVisible());
    shown.card->saveCsv("/nowhere/loss.csv");
    ASSERT_TRUE(QTest::qWaitFor([&] { return banner->isVisible(); }));
    EXPECT_TRUE(banner->text().contains("/nowhere/loss.csv"));
}

TEST(ChartCard, ShowsItsValuesAsATableThatGrows) {
    Shown shown;
    QAbstractItemModelTester tester(shown.card->table()->model(),
                                    QAbstractItemModelTester::FailureReportingMode::Fatal);
    QTest::mouseClick(buttonOf(*shown.card, "Show as a table"), Qt::LeftButton);
    ASSERT_TRUE(shown.card->table()->isVisible());
    EXPECT_FALSE(shown.chart->isVisible());
    const QAbstractItemModel* model = shown.card->table()->model();
    EXPECT_EQ(model->rowCount(), 3);
    EXPECT_EQ(model->index(0, 1).data(), "0.100");
    EXPECT_EQ(model->index(1, 1).data(), "");
    EXPECT_EQ(model->headerData(2, Qt::Horizontal), "Eval, \"best\"");
    shown.card->table()->selectRow(1);
    shown.chart->append(0, std::vector<QPointF>{{4, 0.5}});
    EXPECT_TRUE(QTest::qWaitFor([&] { return model->rowCount() == 4; }));
    EXPECT_EQ(shown.card->table()->currentIndex().row(), 1);
    shown.chart->replace(0, {{7, 0.5}});
    EXPECT_TRUE(QTest::qWaitFor([&] { return model->rowCount() == 2; }));
    QTest::mouseClick(buttonOf(*shown.card, "Show as a table"), Qt::LeftButton);
    EXPECT_TRUE(shown.chart->isVisible());
}

TEST(ChartCard, FullSizeCoversThePageAndGoesBackToItsPlace) {
    Shown shown;
    QWidget* page = shown.stack.currentWidget();
    const QRect place = shown.card->geometry();
    QTest::mouseClick(buttonOf(*shown.card, "Full size"), Qt::LeftButton);
    ASSERT_TRUE(shown.card->isExpanded());
    QCoreApplication::processEvents();
    EXPECT_GT(shown.card->height(), place.height());
    shown.stack.resize(800, 600);
    QCoreApplication::processEvents();
    EXPECT_GT(shown.card->width(), 700);
    shown.stack.resize(600, 400);
    QTest::keyClick(buttonOf(*shown.card, "Full size"), Qt::Key_Escape);
    EXPECT_FALSE(shown.card->isExpanded());
    EXPECT_TRUE(QTest::qWaitFor([&] { return shown.card->geometry() == place; }));
    EXPECT_EQ(shown.card->parentWidget(), page);
    EXPECT_TRUE(shown.chart->isVisible());
}

TEST(ChartCard, InFullSizeTabStaysOutOfWhatIsCovered) {
    Shown shown;
    shown.stack.activateWindow();
    ASSERT_TRUE(QTest::qWaitForWindowActive(&shown.stack));
    shown.card->setExpanded(true);
    for (const Qt::Key key : {Qt::Key_Tab, Qt::Key_Backtab})
        for (int i = 0; i < 10; ++i) {
            QTest::keyClick(QApplication::focusWidget(), key);
            EXPECT_NE(QApplication::focusWidget(), shown.below);
            EXPECT_TRUE(shown.card->isAncestorOf(QApplication::focusWidget()));
        }
    shown.card->setExpanded(false);
    bool isReached = false;
    for (int i = 0; i < 10 && !isReached; ++i) {
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
        isReached = QApplication::focusWidget() == shown.below;
    }
    EXPECT_TRUE(isReached);
}

TEST(ChartCard, ATableThatNobodySeesIsReadWhenItIsSeenAgain) {
    Shown shown;
    shown.card->setShowsTable(true);
    const QAbstractItemModel* model = shown.card->table()->model();
    QSignalSpy changed(model, &QAbstractItemModel::rowsInserted);
    auto* other = new QWidget;
    shown.stack.addWidget(other);
    shown.stack.setCurrentWidget(other);
    shown.chart->append(0, std::vector<QPointF>{{4, 0.5}});
    EXPECT_FALSE(changed.wait(1500));
    shown.stack.setCurrentIndex(0);
    EXPECT_EQ(model->rowCount(), 4);
}

TEST(ChartCard, MayGoWhileItsFileIsWritten) {
    QTemporaryDir folder;
    {
        Shown shown;
        shown.card->saveCsv(folder.filePath("loss.csv"));
    }
    QThreadPool::globalInstance()->waitForDone();
    QCoreApplication::processEvents();
    EXPECT_TRUE(contentOf(folder.filePath("loss.csv")).startsWith("Step,Loss"));
}

TEST(ChartCard, WithoutAPageToFillItsButtonStaysUp) {
    auto* chart = new LineChart("Loss");
    ChartCard card("Loss", chart);
    card.show();
    QTest::mouseClick(buttonOf(card, "Full size"), Qt::LeftButton);
    EXPECT_FALSE(card.isExpanded());
    EXPECT_FALSE(buttonOf(card, "Full size")->isChecked());
}

TEST(ChartTableModel, KeepsTheRulesOfModels) {
    ChartTableModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    model.setTable(tableOf("Step", AxisKind::Count, AxisKind::Loss, {}));
    const std::vector<QPointF> points = {{1, 1}, {2, 2}};
    model.setTable(tableOf("Step", AxisKind::Count, AxisKind::Loss, {{"a", points}}));
    model.setTable(tableOf("Step", AxisKind::Count, AxisKind::Loss, {{"a", points}, {"b", points}}));
    EXPECT_EQ(model.columnCount(), 3);
    model.setTable({});
    EXPECT_EQ(model.rowCount(), 0);
}

} // namespace
} // namespace lorikeet::ui
