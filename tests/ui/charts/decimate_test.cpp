// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/decimate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "ui/charts/smoothing.h"
#include "ui/charts/value_range.h"

namespace lorikeet::ui {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::vector<QPointF> noise(int count) {
    std::mt19937 random(7);
    std::uniform_real_distribution<double> uniform(0.2, 2.0);
    std::vector<QPointF> points;
    for (int i = 0; i < count; ++i)
        points.emplace_back(i, uniform(random));
    return points;
}

TEST(Decimate, EachColumnKeepsItsExtremesWithinTheLimit) {
    std::vector<QPointF> points = noise(100000);
    points[12345].setY(9.0);
    points[77777].setY(-4.0);
    const AxisRange x = {0, 100000};
    const auto pieces = decimate(points, x, 999);
    ASSERT_EQ(pieces.size(), 1U);
    EXPECT_LE(pieces[0].size(), 2000);
    for (const QPointF& extreme : {points[12345], points[77777]})
        EXPECT_TRUE(pieces[0].contains(extreme));
    // Column by column against a plain search.
    for (int column = 0; column < 999; ++column) {
        double low = HUGE_VAL, high = -HUGE_VAL, keptLow = HUGE_VAL, keptHigh = -HUGE_VAL;
        const auto isIn = [&](const QPointF& point) { return int(std::floor(point.x() * (999 / 100000.0))) == column; };
        for (const QPointF& point : points)
            if (std::abs(point.x() * (999 / 100000.0) - column) < 2 && isIn(point)) {
                low = std::min(low, point.y());
                high = std::max(high, point.y());
            }
        for (const QPointF& point : pieces[0])
            if (isIn(point)) {
                keptLow = std::min(keptLow, point.y());
                keptHigh = std::max(keptHigh, point.y());
            }
        ASSERT_EQ(low, keptLow) << column;
        ASSERT_EQ(high, keptHigh) << column;
    }
}

TEST(Decimate, StaysInOrderAndReachesBeyondBothEnds) {
    const std::vector<QPointF> points = noise(1000);
    const auto pieces = decimate(points, {100.5, 200.5}, 50);
    ASSERT_EQ(pieces.size(), 1U);
    EXPECT_EQ(pieces[0].first().x(), 100);
    EXPECT_EQ(pieces[0].last().x(), 201);
    EXPECT_TRUE(std::is_sorted(pieces[0].begin(), pieces[0].end(),
                               [](const QPointF& a, const QPointF& b) { return a.x() < b.x(); }));
}

TEST(Decimate, WhatIsNotFiniteIsAGap) {
    const std::vector<QPointF> points = {{0, 1}, {1, 1}, {2, kNan}, {3, 1}, {4, HUGE_VAL}, {5, 1}, {6, 1}};
    const auto pieces = decimate(points, {0, 7}, 700);
    ASSERT_EQ(pieces.size(), 3U);
    EXPECT_EQ(pieces[0].size(), 2);
    EXPECT_EQ(pieces[1].size(), 1);
    EXPECT_EQ(pieces[2].size(), 2);
    EXPECT_TRUE(decimate(std::vector<QPointF>{{0, kNan}}, {0, 1}, 10).empty());
    EXPECT_TRUE(decimate({}, {0, 1}, 10).empty());
}

TEST(Decimate, ALogarithmicAxisHasNoPlaceForZero) {
    const std::vector<QPointF> points = {{0, 1}, {1, 0}, {2, 1}};
    EXPECT_EQ(decimate(points, {0, 3}, 300, true).size(), 2U);
    EXPECT_EQ(decimate(points, {0, 3}, 300, false).size(), 1U);
}

TEST(Decimate, AlternatingGapsDoNotExceedTheLimit) {
    std::vector<QPointF> points = noise(100000);
    for (size_t i = 0; i < points.size(); i += 2)
        points[i].setY(kNan);
    qsizetype count = 0;
    for (const Polyline& piece : decimate(points, {0, 100000}, 999))
        count += piece.size();
    EXPECT_LE(count, 2000);
}

TEST(Decimate, TheNearestPointIsAFiniteOne) {
    const std::vector<QPointF> points = {{0, 1}, {10, kNan}, {20, 3}};
    EXPECT_EQ(nearestPoint(points, 9), 0);
    EXPECT_EQ(nearestPoint(points, 11), 2);
    EXPECT_EQ(nearestPoint(points, 100), 2);
    EXPECT_EQ(nearestPoint(points, -5), 0);
    EXPECT_EQ(nearestPoint({}, 0), -1);
}

TEST(Smoothing, IsABiasCorrectedMovingAverage) {
    // By hand, w = 0.95: the sum of 0.05 * 0.95^(n-i) y_i, divided by that of the weights.
    const std::vector<QPointF> points = {{1, 4.0}, {2, 2.0}, {3, 3.0}};
    const auto result = smoothed(points);
    EXPECT_DOUBLE_EQ(result[0].y(), 4.0);
    EXPECT_NEAR(result[1].y(), (0.95 * 4.0 + 2.0) / 1.95, 1e-12);
    EXPECT_NEAR(result[2].y(), (0.9025 * 4.0 + 0.95 * 2.0 + 3.0) / (0.9025 + 0.95 + 1.0), 1e-12);
}

TEST(Smoothing, WhatIsNotFiniteDoesNotSpoilTheRest) {
    const std::vector<QPointF> points = {{1, 4.0}, {2, kNan}, {3, 2.0}};
    const auto result = smoothed(points);
    EXPECT_TRUE(std::isnan(result[1].y()));
    EXPECT_NEAR(result[2].y(), (0.95 * 4.0 + 2.0) / 1.95, 1e-12);
}

TEST(ValueRange, LeavesOutTheFewThatAreFarAbove) {
    std::vector<QPointF> points = noise(1000); // 0.2 to 2.0
    points[0].setY(50.0);
    const auto all = valueRange({points}, false);
    const auto most = valueRange({points}, false, 0.98);
    EXPECT_EQ(all->high, 50.0);
    EXPECT_GT(most->high, 1.9);
    EXPECT_LT(most->high, 2.5);
    EXPECT_EQ(most->low, all->low);
    points[0].setY(2.1);
    EXPECT_EQ(valueRange({points}, false, 0.98)->high, 2.1);
    EXPECT_FALSE(valueRange({}, false, 0.98));
}

} // namespace
} // namespace lorikeet::ui
