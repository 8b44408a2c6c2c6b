// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/chart_axis.h"

#include <gtest/gtest.h>

namespace lorikeet::ui {
namespace {

QString labels(const AxisTicks& ticks) {
    return ticks.labels.join('|');
}

TEST(ChartAxis, StepsAreOneTwoOrFiveTimesAPowerOfTen) {
    EXPECT_DOUBLE_EQ(niceStep(0.6, 6), 0.1);
    EXPECT_DOUBLE_EQ(niceStep(0.61, 6), 0.2);
    EXPECT_DOUBLE_EQ(niceStep(450, 10), 50);
    EXPECT_DOUBLE_EQ(niceStep(9.0, 1), 10.0);
    EXPECT_DOUBLE_EQ(niceStep(2e-4, 2), 1e-4);
}

TEST(ChartAxis, ARangeIsWidenedToItsTicks) {
    const AxisRange loss = niceRange({0.23, 0.79}, AxisKind::Loss, 6);
    EXPECT_DOUBLE_EQ(loss.low, 0.2);
    EXPECT_DOUBLE_EQ(loss.high, 0.8);
    EXPECT_EQ(labels(linearTicks(loss, AxisKind::Loss, 6)), "0.2|0.3|0.4|0.5|0.6|0.7|0.8");
    for (const AxisRange data : {AxisRange{0.97, 1.31}, AxisRange{-3, 8}, AxisRange{1e-5, 2e-4}, AxisRange{7, 7}})
        for (int count = 2; count < 9; ++count) {
            const AxisRange range = niceRange(data, AxisKind::Number, count);
            const AxisTicks ticks = linearTicks(range, AxisKind::Number, count);
            EXPECT_NEAR(ticks.values.first(), range.low, 1e-9 * range.span());
            EXPECT_NEAR(ticks.values.last(), range.high, 1e-9 * range.span());
            EXPECT_LE(range.low, data.low);
            EXPECT_GE(range.high, data.high);
        }
}

TEST(ChartAxis, AConstantHasRoomAroundIt) {
    const AxisRange range = niceRange({0.5, 0.5}, AxisKind::Loss, 4);
    EXPECT_LT(range.low, 0.5);
    EXPECT_GT(range.high, 0.5);
    EXPECT_GE(niceRange({0.0, 0.0}, AxisKind::Count, 4).low, 0.0);
}

TEST(ChartAxis, UnitsFollowTheLargestValue) {
    EXPECT_EQ(labels(linearTicks({0, 1440}, AxisKind::Duration, 6)), "0|5|10|15|20 min");
    EXPECT_EQ(labels(linearTicks({0, 100}, AxisKind::Duration, 5)), "0|20|40|60|80|100 s");
    EXPECT_EQ(labels(linearTicks({0, 12.0 * (1 << 30)}, AxisKind::Memory, 6)), "0|2|4|6|8|10|12 GiB");
    EXPECT_EQ(labels(linearTicks({0, 2e6}, AxisKind::Tokens, 4)), "0.0|0.5|1.0|1.5|2.0 M");
    EXPECT_EQ(labels(linearTicks({0, 2e-4}, AxisKind::Setting, 2)), "0|1e-4|2e-4");
    EXPECT_EQ(labels(linearTicks({0, 3}, AxisKind::Count, 8)), "0|1|2|3");
}

TEST(ChartAxis, LogarithmsHaveTicksAtPowersOfTen) {
    const AxisRange range = niceLogRange({0.013, 4.2});
    EXPECT_DOUBLE_EQ(range.low, 0.01);
    EXPECT_DOUBLE_EQ(range.high, 5.0);
    EXPECT_EQ(labels(logTicks(range, AxisKind::Loss, 4)), "0.01|0.1|1");
    EXPECT_EQ(labels(logTicks(range, AxisKind::Loss, 12)), "0.01|0.02|0.05|0.1|0.2|0.5|1|2|5");
    EXPECT_EQ(labels(logTicks({0.2, 1.0}, AxisKind::Loss, 4)), "0.2|0.4|0.6|0.8|1.0");
    EXPECT_EQ(labels(logTicks({1e-8, 1e4}, AxisKind::Number, 4)), "1e-8|1e-5|0.01|10|10000");
    EXPECT_TRUE(logTicks({0.0, 1.0}, AxisKind::Number, 4).values.isEmpty());
}

TEST(ChartAxis, StepsEndAtTheNextHundred) {
    EXPECT_EQ(nextHundred(0), 100);
    EXPECT_EQ(nextHundred(100), 100);
    EXPECT_EQ(nextHundred(101), 200);
    EXPECT_EQ(nextHundred(542), 600);
}

} // namespace
} // namespace lorikeet::ui
