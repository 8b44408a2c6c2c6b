// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/line_chart.h"

#include <gtest/gtest.h>

#include <QSignalSpy>
#include <QTest>

#include <limits>

#include "ui/charts/cursor_group.h"
#include "ui/theme/theme.h"

namespace lorikeet::ui {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::vector<QPointF> line(int count, double first, double slope) {
    std::vector<QPointF> points;
    for (int i = 1; i <= count; ++i)
        points.emplace_back(i, first + slope * i);
    return points;
}

/// A shown chart of steps, 600 x 300.
struct Shown {
    LineChart chart{"Loss"};

    explicit Shown(Plot::XEnd end = Plot::XEnd::NextHundred) {
        chart.setXAxis(AxisKind::Count, "Step", end);
        chart.setYAxis(AxisKind::Loss);
        chart.resize(600, 300);
        chart.show();
    }
    QPoint at(double x, double y) { return QPointF(chart.frame().pixelX(x), chart.frame().pixelY(y)).toPoint(); }
    void settle() {
        QSignalSpy refreshed(&chart, &Plot::refreshed);
        ASSERT_TRUE(refreshed.wait());
        chart.frame();
    }
    bool shows(const QColor& color) {
        const QImage image = chart.grab().toImage();
        for (int y = 0; y < image.height(); ++y)
            for (int x = 0; x < image.width(); ++x)
                if (image.pixelColor(x, y) == color)
                    return true;
        return false;
    }
};

TEST(LineChart, TheAxisOfStepsHoldsUntilTheNextHundred) {
    Shown shown;
    shown.chart.addSeries({"Loss", rawLine(0)});
    shown.chart.append(0, line(42, 1.0, 0.0));
    shown.settle();
    EXPECT_EQ(shown.chart.frame().x, (AxisRange{0, 100}));
    shown.chart.append(0, line(101, 1.0, 0.0));
    shown.settle();
    EXPECT_EQ(shown.chart.frame().x, (AxisRange{0, 200}));
}

TEST(LineChart, TheAxisOfStepsEndsWhereTheyArePlannedTo) {
    Shown shown;
    shown.chart.addSeries({"Loss", rawLine(0)});
    shown.chart.setPlannedX(60);
    shown.chart.append(0, line(42, 1.0, 0.0));
    shown.settle();
    EXPECT_EQ(shown.chart.frame().x, (AxisRange{0, 60}));
    shown.chart.setPlannedX(2000);
    shown.settle();
    EXPECT_EQ(shown.chart.frame().x, (AxisRange{0, 100}));
}

TEST(LineChart, PointsComeInOrder) {
    Shown shown;
    shown.chart.addSeries({"Loss", rawLine(0)});
    shown.chart.append(0, std::vector<QPointF>{{1, 1}, {3, 1}, {2, 1}, {3, 2}, {kNan, 1}, {4, kNan}});
    EXPECT_EQ(shown.chart.points(0).size(), 3U); // 1, 3, 4
    shown.chart.append(0, std::vector<QPointF>{{4, 1}, {5, 1}});
    EXPECT_EQ(shown.chart.points(0).size(), 4U);
}

TEST(LineChart, TheValueAxisHoldsForAWhileAndUnderACursor) {
    Shown shown;
    shown.chart.addSeries({"Loss", rawLine(0)});
    shown.chart.append(0, std::vector<QPointF>{{1, 1.0}, {2, 2.0}});
    shown.settle();
    const AxisRange first = shown.chart.frame().y;
    shown.chart.append(0, std::vector<QPointF>{{3, 9.0}});
    shown.settle();
    EXPECT_EQ(shown.chart.frame().y, first);
}

TEST(LineChart, UnderACursorTheValueAxisOnlyGrows) {
    Shown shown;
    shown.chart.setFitInterval(0);
    shown.chart.addSeries({"Loss", rawLine(0)});
    shown.chart.append(0, std::vector<QPointF>{{1, 1.0}, {2, 90.0}});
    shown.settle();
    const AxisRange first = shown.chart.frame().y;
    shown.chart.setCursor(2);
    shown.chart.replace(0, std::vector<QPointF>{{1, 1.0}, {2, 2.0}});
    shown.settle();
    EXPECT_EQ(shown.chart.frame().y, first);
    shown.chart.append(0, std::vector<QPointF>{{3, 300.0}});
    shown.settle();
    EXPECT_GE(shown.chart.frame().y.high, 300.0);
    shown.chart.replace(0, std::vector<QPointF>{{1, 1.0}, {2, 2.0}});
    shown.chart.setCursor({});
    shown.settle();
    EXPECT_LT(shown.chart.frame().y.high, 90.0);
}

TEST(LineChart, TheAxisIsFittedLaterWithoutNewData) {
    Shown shown;
    shown.chart.setFitInterval(300);
    shown.chart.addSeries({"Loss", rawLine(0)});
    shown.chart.append(0, std::vector<QPointF>{{1, 1.0}, {2, 2.0}});
    shown.settle();
    shown.chart.append(0, std::vector<QPointF>{{3, 9.0}});
    shown.settle();
    EXPECT_TRUE(QTest::qWaitFor([&] { return shown.chart.frame().y.high >= 9.0; }, 3000));
}

TEST(LineChart, TheCursorTellsAllSeriesByValue) {
    Shown shown;
    shown.chart.addSeries({"Low", smoothedLine(0)});
    shown.chart.addSeries({"High", smoothedLine(1)});
    shown.chart.addSeries({"Hidden", smoothedLine(2), false});
    shown.chart.addSeries({"Short", smoothedLine(3)});
    shown.chart.append(0, line(50, 1.0, 0.01));
    shown.chart.append(1, line(50, 3.0, 0.01));
    shown.chart.append(2, line(50, 5.0, 0.01));
    shown.chart.append(3, line(10, 9.0, 0.01));
    const auto readings = shown.chart.sortedReadings(20);
    ASSERT_EQ(readings.size(), 2U); // "Short" has ended
    EXPECT_EQ(readings[0].name, "High");
    EXPECT_DOUBLE_EQ(readings[0].value, 3.2);
    EXPECT_EQ(readings[1].name, "Low");
    shown.chart.setCursorBox(Plot::CursorOrder::LowestFirst, true);
    EXPECT_EQ(shown.chart.sortedReadings(20)[0].name, "Low");
    EXPECT_EQ(shown.chart.sortedReadings(5).size(), 3U);
}

TEST(LineChart, TheMouseMovesTheCursorsOfAllChartsOfAGroup) {
    Shown first, second;
    CursorGroup group;
    for (Shown* shown : {&first, &second}) {
        group.add(&shown->chart);
        shown->chart.addSeries({"Loss", smoothedLine(0)});
        shown->chart.append(0, line(100, 1.0, 0.01));
        shown->settle();
    }
    QTest::mouseMove(&first.chart, first.at(40.2, 1.4));
    ASSERT_TRUE(QTest::qWaitFor([&] { return first.chart.cursor().has_value(); }));
    EXPECT_EQ(first.chart.cursor(), 40.0);
    EXPECT_EQ(second.chart.cursor(), 40.0);
    QEvent leave(QEvent::Leave);
    QCoreApplication::sendEvent(&first.chart, &leave);
    EXPECT_FALSE(first.chart.cursor());
    EXPECT_FALSE(second.chart.cursor());
}

TEST(LineChart, KeysMoveTheCursorAndZoom) {
    Shown shown;
    shown.chart.addSeries({"Loss", smoothedLine(0)});
    shown.chart.append(0, line(100, 1.0, 0.01));
    shown.settle();
    QTest::keyClick(&shown.chart, Qt::Key_Home);
    EXPECT_EQ(shown.chart.cursor(), 1.0);
    QTest::keyClick(&shown.chart, Qt::Key_Right);
    EXPECT_EQ(shown.chart.cursor(), 2.0);
    QTest::keyClick(&shown.chart, Qt::Key_Right, Qt::ShiftModifier);
    EXPECT_EQ(shown.chart.cursor(), 12.0);
    EXPECT_TRUE(shown.chart.accessibleDescription().contains("Step 12, Loss 1.120"))
        << shown.chart.accessibleDescription().toStdString();
    QTest::keyClick(&shown.chart, Qt::Key_Left, Qt::ShiftModifier);
    QTest::keyClick(&shown.chart, Qt::Key_Left, Qt::ShiftModifier);
    EXPECT_EQ(shown.chart.cursor(), 1.0);
    QTest::keyClick(&shown.chart, Qt::Key_End);
    EXPECT_EQ(shown.chart.cursor(), 100.0);
    QTest::keyClick(&shown.chart, Qt::Key_Plus);
    EXPECT_EQ(shown.chart.frame().x, (AxisRange{50, 100}));
    // The view follows the cursor out of it.
    QTest::keyClick(&shown.chart, Qt::Key_Home);
    EXPECT_EQ(shown.chart.frame().x, (AxisRange{1, 51}));
    QTest::keyClick(&shown.chart, Qt::Key_Minus);
    EXPECT_FALSE(shown.chart.isZoomed());
    QTest::keyClick(&shown.chart, Qt::Key_Plus);
    QTest::keyClick(&shown.chart, Qt::Key_Escape);
    EXPECT_FALSE(shown.chart.isZoomed());
    EXPECT_TRUE(shown.chart.cursor());
    QTest::keyClick(&shown.chart, Qt::Key_Escape);
    EXPECT_FALSE(shown.chart.cursor());
}

TEST(LineChart, ADragZoomsAndADoubleClickShowsAll) {
    Shown shown;
    shown.chart.addSeries({"Loss", smoothedLine(0)});
    shown.chart.append(0, line(100, 1.0, 0.01));
    shown.settle();
    const QPoint from = shown.at(20, 1.5), to = shown.at(60, 1.5);
    QTest::mousePress(&shown.chart, Qt::LeftButton, {}, from);
    QTest::mouseMove(&shown.chart, (from + to) / 2);
    QTest::mouseMove(&shown.chart, to);
    QCoreApplication::processEvents();
    QTest::mouseRelease(&shown.chart, Qt::LeftButton, {}, to);
    ASSERT_TRUE(shown.chart.isZoomed());
    EXPECT_NEAR(shown.chart.frame().x.low, 20, 0.2);
    EXPECT_NEAR(shown.chart.frame().x.high, 60, 0.2);
    // The value axis is fitted to what is seen.
    EXPECT_LE(shown.chart.frame().y.high, 1.7);
    QTest::mouseDClick(&shown.chart, Qt::LeftButton, {}, to);
    EXPECT_FALSE(shown.chart.isZoomed());
}

TEST(LineChart, AClickOnAPointTellsWhichOne) {
    Shown shown;
    shown.chart.addSeries({"Loss", rawLine(0)});
    shown.chart.addSeries({"Eval", evaluationLine(1)});
    shown.chart.append(0, line(100, 1.0, 0.01));
    shown.chart.append(1, std::vector<QPointF>{{50, 3.0}, {100, 2.5}});
    shown.settle();
    QSignalSpy clicked(&shown.chart, &LineChart::pointClicked);
    QTest::mouseClick(&shown.chart, Qt::LeftButton, {}, shown.at(50, 3.0));
    ASSERT_EQ(clicked.count(), 1);
    EXPECT_EQ(clicked[0][0].toInt(), 1);
    EXPECT_EQ(clicked[0][1].toDouble(), 50.0);
    QTest::mouseClick(&shown.chart, Qt::LeftButton, {}, shown.at(20, 2.8));
    EXPECT_EQ(clicked.count(), 1);
    shown.chart.setCursor(100);
    QTest::keyClick(&shown.chart, Qt::Key_Return);
    ASSERT_EQ(clicked.count(), 2);
    EXPECT_EQ(clicked[1][1].toDouble(), 100.0);
}

TEST(LineChart, PointsOutsideTheAxisAreLeftOut) {
    Shown shown;
    LineSpec spec{"Spike", smoothedLine(1)};
    spec.isFitted = false;
    shown.chart.addSeries({"Loss", smoothedLine(0)});
    shown.chart.addSeries(spec);
    shown.chart.append(0, line(100, 1.0, 0.001));
    shown.chart.append(1, std::vector<QPointF>{{1, 50}, {50, 60}, {100, 70}});
    shown.settle();
    EXPECT_LT(shown.chart.frame().y.high, 2.0);
    EXPECT_TRUE(shown.shows(seriesColor(0, ColorScheme::Light)));
    EXPECT_FALSE(shown.shows(seriesColor(1, ColorScheme::Light)));
}

TEST(LineChart, ALogarithmicAxisDrawsEqualRatiosAlike) {
    Shown shown;
    shown.chart.addSeries({"Loss", smoothedLine(0)});
    shown.chart.append(0, std::vector<QPointF>{{1, 0.01}, {2, 0.1}, {3, 0.0}, {4, 1.0}});
    shown.chart.setLogarithmic(true);
    shown.settle();
    const PlotFrame& frame = shown.chart.frame();
    EXPECT_EQ(frame.y, (AxisRange{0.01, 1.0}));
    EXPECT_NEAR(frame.pixelY(0.01) - frame.pixelY(0.1), frame.pixelY(0.1) - frame.pixelY(1.0), 1e-9);
    EXPECT_NEAR(frame.valueY(frame.pixelY(0.03)), 0.03, 1e-12);
}

TEST(LineChart, AReferenceLineWidensTheAxis) {
    Shown shown;
    shown.chart.addSeries({"Norm", thinLine(3)});
    shown.chart.append(0, line(100, 0.2, 0.0));
    shown.chart.setReferenceLines({{0.9, "Clipped above 0.9"}});
    shown.settle();
    EXPECT_GE(shown.chart.frame().y.high, 0.9);
}

TEST(LineChart, OnePointIsSeen) {
    Shown shown;
    shown.chart.addSeries({"Loss", smoothedLine(1)});
    shown.chart.append(0, std::vector<QPointF>{{1, 2.0}});
    shown.settle();
    EXPECT_TRUE(shown.shows(seriesColor(1, ColorScheme::Light)));
}

TEST(LineChart, KeysMoveTheCursorOverGaps) {
    Shown shown;
    shown.chart.addSeries({"Eval", evaluationLine(1)});
    shown.chart.addSeries({"Nothing", smoothedLine(0)});
    shown.chart.append(0, std::vector<QPointF>{{1, 1}, {2, kNan}, {3, kNan}, {4, 2}});
    shown.chart.append(1, std::vector<QPointF>{{1, kNan}, {2, kNan}, {3, kNan}, {4, kNan}, {5, kNan}});
    QTest::keyClick(&shown.chart, Qt::Key_Home);
    EXPECT_EQ(shown.chart.cursor(), 1.0);
    QTest::keyClick(&shown.chart, Qt::Key_Right);
    EXPECT_EQ(shown.chart.cursor(), 4.0);
    QTest::keyClick(&shown.chart, Qt::Key_Left);
    EXPECT_EQ(shown.chart.cursor(), 1.0);
}

TEST(LineChart, ValuesBeyondAllMeasureAreDrawnAtOnceAndSpoilNothing) {
    for (const bool isLogarithmic : {false, true}) {
        Shown shown;
        shown.chart.addSeries({"Loss", comparedLine(1)}); // dashed
        shown.chart.append(0, std::vector<QPointF>{{1, 1e308}, {2, 1}, {3, 5e-324}, {4, -1e308}, {5, 2}, {6, 1}});
        shown.chart.setLogarithmic(isLogarithmic);
        shown.settle();
        const PlotFrame& frame = shown.chart.frame();
        EXPECT_TRUE(std::isfinite(frame.y.span())) << frame.y.high;
        EXPECT_FALSE(frame.yTicks.labels.isEmpty());
        shown.chart.zoomTo({0, 6}, AxisRange{0.1, 10});
        QElapsedTimer timer;
        timer.start();
        EXPECT_TRUE(shown.shows(seriesColor(1, ColorScheme::Light))); // the line from 2 to 1, and those that leave
        EXPECT_LT(timer.elapsed(), 1000);
    }
}

TEST(LineChart, ZoomEndsWherePointsCannotBeToldApart) {
    Shown shown;
    shown.chart.addSeries({"Loss", smoothedLine(0)});
    shown.chart.append(0, line(100, 1.0, 0.01));
    shown.settle();
    shown.chart.setCursor(50);
    for (int i = 0; i < 200; ++i)
        QTest::keyClick(&shown.chart, Qt::Key_Plus);
    EXPECT_GT(shown.chart.frame().x.span(), 1e-8);
    shown.chart.grab();
}

TEST(LineChart, ALabelThatIsWiderThanTheChartBeginsInIt) {
    LineChart chart("Loss");
    chart.addSeries({"Eval", evaluationLine(1)});
    chart.append(0, std::vector<QPointF>{{1, 1}, {2, 2}});
    chart.setHighlight(Highlight{0, 2, "Best eval 1.234, at a step with a very long name"});
    chart.resize(chart.minimumSizeHint());
    chart.show();
    chart.grab();
    chart.resize(0, 0);
    EXPECT_TRUE(chart.picture(chart.size(), 1.0).isNull());
}

TEST(LineChart, WhatAPageThatIsHiddenDoesNotHearIsForgotten) {
    Shown shown;
    shown.chart.addSeries({"Loss", smoothedLine(0)});
    shown.chart.append(0, line(100, 1.0, 0.01));
    shown.settle();
    const QPoint from = shown.at(20, 1.5), to = shown.at(60, 1.5);
    QTest::mousePress(&shown.chart, Qt::LeftButton, {}, from);
    QTest::mouseMove(&shown.chart, (from + to) / 2);
    QCoreApplication::processEvents();
    shown.chart.hide();
    shown.chart.show();
    QTest::mouseMove(&shown.chart, to); // with no button
    QCoreApplication::processEvents();
    QTest::mouseRelease(&shown.chart, Qt::LeftButton, {}, to);
    EXPECT_FALSE(shown.chart.isZoomed());
}

TEST(LineChart, ItsTableHoldsTheExactValuesOfAllThatIsShown) {
    LineChart chart("Loss");
    chart.setXAxis(AxisKind::Count, "Step");
    chart.addSeries({"Loss", rawLine(0)});
    chart.addSeries({"Eval", evaluationLine(1)});
    chart.append(0, std::vector<QPointF>{{1, 0.1 + 0.2}, {2, 0.5}});
    chart.append(1, std::vector<QPointF>{{2, 0.7}, {3, 0.6}});
    const ChartTable table = chart.table();
    ASSERT_EQ(table.columns.size(), 3U);
    EXPECT_EQ(table.columns[0].values, (std::vector<double>{1, 2, 3}));
    EXPECT_EQ(table.columns[1].values[0], 0.1 + 0.2);
    EXPECT_TRUE(std::isnan(table.columns[1].values[2]));
    EXPECT_TRUE(std::isnan(table.columns[2].values[0]));
    EXPECT_EQ(table.columns[2].values[1], 0.7);
}

} // namespace
} // namespace lorikeet::ui
