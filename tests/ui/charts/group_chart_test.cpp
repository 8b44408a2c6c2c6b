// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <QTest>

#include "ui/charts/chart_export.h"
#include "ui/charts/group_chart.h"
#include "ui/theme/theme.h"

namespace lorikeet::ui {
namespace {

struct Groups {
    GroupChart chart{"Perplexity"};

    Groups() {
        ChartTable table;
        table.columns = {{"Type", AxisKind::Count, {0, 1, 2}, {"16-bit", "NF4", "NF4"}},
                         {"Perplexity", AxisKind::Number, {6.0, 9.0, 8.0}, {}}};
        chart.setGroups({{"16-bit", "16.00", {{"", "not quantized", 6.0}}},
                         {"NF4", "4.04-4.27", {{"64", "first", 9.0}, {"32", "second", 8.0}}}},
                        table);
        chart.resize(400, 240);
        chart.show();
    }
};

TEST(GroupChart, StandsHigherForMoreAndInTheOrderOfItsGroups) {
    Groups made;
    const QPointF plain = made.chart.position(0, 0), worse = made.chart.position(1, 0),
                  better = made.chart.position(1, 1);
    EXPECT_LT(plain.x(), 200.0);
    EXPECT_LT(plain.x(), worse.x());
    EXPECT_LT(worse.x(), better.x());
    EXPECT_LT(worse.y(), better.y());
    EXPECT_LT(better.y(), plain.y());
    const QImage image = made.chart.grab().toImage();
    EXPECT_EQ(image.pixelColor(worse.toPoint()), seriesColor(1, ColorScheme::Light));
    made.chart.setReference(3.0);
    EXPECT_LT(made.chart.position(0, 0).y(), plain.y()); // the axis reaches it
}

TEST(GroupChart, TellsOfAPointUnderTheMouseAndByKeys) {
    Groups made;
    QTest::mouseMove(&made.chart, made.chart.position(1, 0).toPoint());
    QMouseEvent move(QEvent::MouseMove, made.chart.position(1, 0), made.chart.mapToGlobal(made.chart.position(1, 0)),
                     Qt::NoButton, Qt::NoButton, Qt::NoModifier);
    QApplication::sendEvent(&made.chart, &move);
    EXPECT_EQ(made.chart.accessibleDescription(), "first");
    QTest::keyClick(&made.chart, Qt::Key_Right);
    EXPECT_EQ(made.chart.accessibleDescription(), "second");
    QTest::keyClick(&made.chart, Qt::Key_Right);
    EXPECT_EQ(made.chart.accessibleDescription(), "second"); // the last one
    QTest::keyClick(&made.chart, Qt::Key_Home);
    EXPECT_EQ(made.chart.accessibleDescription(), "not quantized");
}

TEST(GroupChart, OffersItsNamesAndValuesAsATable) {
    Groups made;
    ChartTableModel model;
    model.setTable(made.chart.table());
    EXPECT_EQ(model.index(1, 0).data().toString(), "NF4");
    EXPECT_EQ(model.index(1, 1).data().toString(), "9");
    EXPECT_EQ(csvBytes(made.chart.table()), "Type,Perplexity\n16-bit,6\nNF4,9\nNF4,8\n");
}

TEST(GroupChart, DrawsWithoutAnyValue) {
    GroupChart chart("Perplexity");
    chart.setHint("Nothing yet");
    chart.resize(200, 120);
    EXPECT_FALSE(chart.grab().isNull());
    chart.setGroups({{"NF4", "", {{"", "overflown", std::numeric_limits<double>::infinity()}}}}, {});
    EXPECT_FALSE(chart.grab().isNull());
    QTest::keyClick(&chart, Qt::Key_Right);
    EXPECT_EQ(chart.accessibleDescription(), "");
}

} // namespace
} // namespace lorikeet::ui
