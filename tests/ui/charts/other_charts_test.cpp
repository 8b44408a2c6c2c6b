// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <QPainter>
#include <QSignalSpy>
#include <QStandardItemModel>
#include <QTest>

#include "ui/charts/histogram.h"
#include "ui/charts/sparkline.h"
#include "ui/charts/stacked_chart.h"
#include "ui/theme/theme.h"

namespace lorikeet::ui {
namespace {

constexpr double kGiB = 1 << 30;

int pixelsOf(const QImage& image, const QColor& color) {
    int count = 0;
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x)
            count += image.pixelColor(x, y) == color;
    return count;
}

TEST(StackedChart, LayersStandOnEachOtherInTheirColours) {
    StackedChart chart("Memory", {"driver", "weights", "activations"});
    chart.setXAxis(AxisKind::Duration, "Time", Plot::XEnd::LastValue);
    chart.resize(400, 240);
    chart.show();
    chart.append({{0, {1 * kGiB, 4 * kGiB, 0}}, {60, {1 * kGiB, 4 * kGiB, 3 * kGiB}}});
    const QImage image = chart.grab().toImage();
    EXPECT_EQ(chart.frame().y, (AxisRange{0, 8 * kGiB}));
    const auto at = [&](double x, double y) {
        return image.pixelColor(QPointF(chart.frame().pixelX(x), chart.frame().pixelY(y)).toPoint());
    };
    EXPECT_EQ(at(30, 0.5 * kGiB), memoryTagColor("driver", ColorScheme::Light));
    EXPECT_EQ(at(30, 3 * kGiB), memoryTagColor("weights", ColorScheme::Light));
    EXPECT_EQ(at(55, 6 * kGiB), memoryTagColor("activations", ColorScheme::Light));
    EXPECT_EQ(at(5, 6.5 * kGiB), color(ColorToken::Surface, ColorScheme::Light));
    // A pixel of surface parts neighbours.
    const QPoint seam = QPointF(chart.frame().pixelX(30), chart.frame().pixelY(kGiB)).toPoint();
    int light = 0;
    for (int y = seam.y() - 2; y <= seam.y() + 2; ++y)
        light += image.pixelColor(seam.x(), y).lightness() > 200;
    EXPECT_GE(light, 1);
}

TEST(StackedChart, ThinnedOutMomentsKeepThePeakWhole) {
    StackedChart chart("Memory", {"weights", "activations"});
    chart.setXAxis(AxisKind::Count, "Step");
    std::vector<StackSample> samples;
    for (int i = 0; i < 50000; ++i)
        samples.push_back({double(i), {4 * kGiB, i == 31234 ? 9 * kGiB : kGiB}});
    chart.append(samples);
    chart.resize(400, 240);
    chart.show();
    chart.grab();
    EXPECT_GE(chart.frame().y.high, 13 * kGiB);
    const auto readings = chart.sortedReadings(31234);
    ASSERT_EQ(readings.size(), 3U);
    EXPECT_EQ(readings[0].name, "Total");
    EXPECT_EQ(readings[0].value, 13 * kGiB);
    EXPECT_EQ(readings[1].name, "Activations"); // as they are drawn, the topmost first
    EXPECT_EQ(readings[2].value, 4 * kGiB);
    const ChartTable table = chart.table();
    EXPECT_EQ(table.columns.size(), 4U);
    EXPECT_EQ(table.columns[3].values[31234], 13 * kGiB);
}

struct Lengths {
    Histogram histogram{"Rows by length"};

    Lengths() {
        histogram.setAxis(AxisKind::Count, "Length", "Rows");
        std::vector<HistogramBin> bins;
        for (int i = 0; i < 40; ++i)
            bins.push_back({i * 16.0, i * 16.0 + 16.0, double(i)});
        histogram.setBins(bins);
        histogram.setCutOff(CutOff{512, {16, 2048}, 8});
        histogram.setCutOffLabel([](double value) { return QString("Cut off at %1").arg(value); });
        histogram.resize(400, 200);
        histogram.show();
    }
    QPoint at(double x) { return QPointF(histogram.frame().pixelX(x), histogram.frame().area.center().y()).toPoint(); }
};

TEST(Histogram, WhatTheCutOffLosesIsDrawnAsLost) {
    Lengths lengths;
    const QColor danger = color(ColorToken::Danger, ColorScheme::Light);
    const int before = pixelsOf(lengths.histogram.grab().toImage(), danger);
    lengths.histogram.setCutOff(CutOff{256, {16, 2048}, 8});
    EXPECT_GT(pixelsOf(lengths.histogram.grab().toImage(), danger), 2 * before);
}

TEST(Histogram, TheCutOffIsDraggedInSteps) {
    Lengths lengths;
    QSignalSpy moved(&lengths.histogram, &Histogram::cutOffMoved), chosen(&lengths.histogram, &Histogram::cutOffChosen);
    QTest::mousePress(&lengths.histogram, Qt::LeftButton, {}, lengths.at(512));
    QTest::mouseMove(&lengths.histogram, lengths.at(301));
    QCoreApplication::processEvents();
    EXPECT_GE(moved.count(), 1);
    EXPECT_EQ(chosen.count(), 0);
    QTest::mouseRelease(&lengths.histogram, Qt::LeftButton, {}, lengths.at(301));
    ASSERT_EQ(chosen.count(), 1);
    EXPECT_NEAR(*lengths.histogram.cutOff(), 301, 8);
    EXPECT_EQ(std::fmod(*lengths.histogram.cutOff(), 8), 0);
    EXPECT_EQ(chosen[0][0].toDouble(), *lengths.histogram.cutOff());
    // Away from the line nothing is dragged.
    QTest::mouseClick(&lengths.histogram, Qt::LeftButton, {}, lengths.at(500));
    EXPECT_EQ(chosen.count(), 1);
}

TEST(Histogram, TheCutOffMovesByKeysWithinItsRange) {
    Lengths lengths;
    QSignalSpy chosen(&lengths.histogram, &Histogram::cutOffChosen);
    QTest::keyClick(&lengths.histogram, Qt::Key_Left);
    EXPECT_EQ(lengths.histogram.cutOff(), 504.0);
    QTest::keyClick(&lengths.histogram, Qt::Key_Right, Qt::ShiftModifier);
    EXPECT_EQ(lengths.histogram.cutOff(), 584.0);
    EXPECT_EQ(chosen.count(), 2);
    for (int i = 0; i < 12; ++i)
        QTest::keyClick(&lengths.histogram, Qt::Key_Left, Qt::ShiftModifier);
    EXPECT_EQ(lengths.histogram.cutOff(), 16.0);
    EXPECT_EQ(lengths.histogram.accessibleDescription(), "Cut off at 16");
}

TEST(Histogram, ItsTableHasARowForEachBar) {
    Lengths lengths;
    const ChartTable table = lengths.histogram.table();
    ASSERT_EQ(table.rows(), 40);
    EXPECT_EQ(table.columns[0].values[3], 48);
    EXPECT_EQ(table.columns[1].values[3], 64);
    EXPECT_EQ(table.columns[2].values[3], 3);
}

TEST(Sparkline, DrawsItsCurveFromTopToBottom) {
    QImage image(88, 24, QImage::Format_ARGB32_Premultiplied);
    image.fill(Qt::white);
    QPainter painter(&image);
    paintSparkline(painter, image.rect(), {{0, 3}, {1, 2}, {5, std::nan("")}, {10, 1}});
    painter.end();
    EXPECT_NE(image.pixelColor(1, 3), QColor(Qt::white)); // begins high on the left
    EXPECT_EQ(image.pixelColor(1, 20), QColor(Qt::white));
    EXPECT_NE(image.pixelColor(87, 21), QColor(Qt::white)); // a lone point at the end
    QPainter again(&image);
    paintSparkline(again, image.rect(), {});
}

TEST(SparklineDelegate, DrawsThePointsOfItsCell) {
    QStandardItemModel model(1, 1);
    SparklineDelegate delegate(Qt::UserRole);
    model.setData(model.index(0, 0), QVariant::fromValue(QList<QPointF>{{0, 2}, {1, 1}}), Qt::UserRole);
    QTableView view;
    view.setModel(&model);
    view.setItemDelegate(&delegate);
    view.resize(200, 100);
    view.show();
    EXPECT_EQ(delegate.sizeHint({}, model.index(0, 0)), QSize(104, 32));
    const QImage image = view.viewport()->grab(view.visualRect(model.index(0, 0))).toImage();
    EXPECT_GT(pixelsOf(image, seriesColor(0, ColorScheme::Light)), 5);
}

} // namespace
} // namespace lorikeet::ui
