// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/curve_points.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <set>

#include "ui/charts/smoothing.h"
#include "ui/charts/value_range.h"

namespace lorikeet::ui {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

CurvePoints curve(const std::vector<QPointF>& points) {
    CurvePoints curve;
    curve.append(points);
    return curve;
}

std::vector<QPointF> noise(int count) {
    std::mt19937 random(7);
    std::uniform_real_distribution<double> uniform(0.2, 2.0);
    std::vector<QPointF> points;
    for (int i = 0; i < count; ++i)
        points.emplace_back(i, uniform(random));
    return points;
}

TEST(CurvePoints, EachColumnKeepsItsExtremesWithinTheLimit) {
    std::vector<QPointF> points = noise(100000);
    points[12345].setY(9.0);
    points[77777].setY(-4.0);
    const AxisRange x = {0, 100000};
    const auto pieces = curve(points).decimated(x, 999);
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

TEST(CurvePoints, StaysInOrderAndReachesBeyondBothEnds) {
    const std::vector<QPointF> points = noise(1000);
    const auto pieces = curve(points).decimated({100.5, 200.5}, 50);
    ASSERT_EQ(pieces.size(), 1U);
    EXPECT_EQ(pieces[0].first().x(), 100);
    EXPECT_EQ(pieces[0].last().x(), 201);
    EXPECT_TRUE(std::is_sorted(pieces[0].begin(), pieces[0].end(),
                               [](const QPointF& a, const QPointF& b) { return a.x() < b.x(); }));
}

TEST(CurvePoints, WhatIsNotFiniteIsAGap) {
    const std::vector<QPointF> points = {{0, 1}, {1, 1}, {2, kNan}, {3, 1}, {4, HUGE_VAL}, {5, 1}, {6, 1}};
    const auto pieces = curve(points).decimated({0, 7}, 700);
    ASSERT_EQ(pieces.size(), 3U);
    EXPECT_EQ(pieces[0].size(), 2);
    EXPECT_EQ(pieces[1].size(), 1);
    EXPECT_EQ(pieces[2].size(), 2);
    EXPECT_TRUE(curve({{0, kNan}}).decimated({0, 1}, 10).empty());
    EXPECT_TRUE(curve({}).decimated({0, 1}, 10).empty());
}

TEST(CurvePoints, ALogarithmicAxisHasNoPlaceForZero) {
    const std::vector<QPointF> points = {{0, 1}, {1, 0}, {2, 1}};
    EXPECT_EQ(curve(points).decimated({0, 3}, 300, true).size(), 2U);
    EXPECT_EQ(curve(points).decimated({0, 3}, 300, false).size(), 1U);
}

TEST(CurvePoints, AlternatingGapsDoNotExceedTheLimit) {
    std::vector<QPointF> points = noise(100000);
    for (size_t i = 0; i < points.size(); i += 2)
        points[i].setY(kNan);
    qsizetype count = 0;
    for (const Polyline& piece : curve(points).decimated({0, 100000}, 999))
        count += piece.size();
    EXPECT_LE(count, 2000);
}

TEST(CurvePoints, TheNearestPointIsAFiniteOne) {
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

TEST(CurvePoints, ManyGivePicturesLikeFewWhereverTheyBeginAndEnd) {
    // Blocks of points stand for their points where they may: against all points one by one.
    std::vector<QPointF> points = noise(5000);
    std::mt19937 random(3);
    for (int i = 0; i < 40; ++i)
        points[random() % points.size()].setY(i % 2 ? kNan : -1.0);
    const CurvePoints many = curve(points);
    for (const bool onlyPositive : {false, true})
        for (const AxisRange x :
             {AxisRange{0, 5000}, {100.5, 4321.5}, {31, 33}, {-50, 70}, {4990, 9000}, {6000, 7000}}) {
            CurvePoints shown;
            std::optional<AxisRange> range;
            for (const QPointF& point : points)
                if (x.contains(point.x()) && std::isfinite(point.y()) && (!onlyPositive || point.y() > 0.0))
                    range = range ? AxisRange{std::min(range->low, point.y()), std::max(range->high, point.y())}
                                  : AxisRange{point.y(), point.y()};
            EXPECT_EQ(many.range(x, onlyPositive), range) << x.low;
            // Where columns are finer than points, no block stands for any.
            std::set<double> lowest, lowestOfAll;
            for (const Polyline& piece : many.decimated(x, 20, onlyPositive))
                for (const QPointF& point : piece)
                    lowest.insert(point.y());
            std::map<double, AxisRange> columns;
            for (const Polyline& piece : many.decimated(x, 1000000, onlyPositive))
                for (const QPointF& point : piece) {
                    const double column = std::floor((point.x() - x.low) * (20 / x.span()));
                    const auto [at, isNew] = columns.try_emplace(column, AxisRange{point.y(), point.y()});
                    at->second = {std::min(at->second.low, point.y()), std::max(at->second.high, point.y())};
                }
            for (const auto& [column, extremes] : columns)
                lowestOfAll.insert({extremes.low, extremes.high});
            EXPECT_EQ(lowest, lowestOfAll) << x.low;
        }
}

TEST(CurvePoints, PointsAddedOneByOneAreAsThoseAddedAtOnce) {
    const std::vector<QPointF> points = noise(1000);
    CurvePoints grown;
    for (const QPointF& point : points) {
        grown.append({&point, 1});
        ASSERT_EQ(grown.range({}, false)->high,
                  curve({points.begin(), points.begin() + qsizetype(grown.list().size())}).range({}, false)->high);
    }
    EXPECT_EQ(grown.decimated({0, 1000}, 30), curve(points).decimated({0, 1000}, 30));
    grown.clear();
    EXPECT_FALSE(grown.range({}, false));
    EXPECT_FALSE(grown.reach());
}

TEST(CurvePoints, WhatIsFurtherOnIsCountedWithoutGaps) {
    const std::vector<QPointF> points = {{0, 1}, {1, kNan}, {2, 3}, {3, kNan}, {4, kNan}, {5, 1}, {6, kNan}};
    EXPECT_EQ(pointFurtherOn(points, 0, 1), 2);
    EXPECT_EQ(pointFurtherOn(points, 0, 2), 5);
    EXPECT_EQ(pointFurtherOn(points, 2, 10), 5);
    EXPECT_EQ(pointFurtherOn(points, 5, -1), 2);
    EXPECT_EQ(pointFurtherOn(points, 0, -1), 0);
}

TEST(ValueRange, LeavesOutTheFewThatAreFarAbove) {
    std::vector<QPointF> points = noise(1000); // 0.2 to 2.0
    points[0].setY(50.0);
    const auto range = [&points](double share) {
        const CurvePoints one = curve(points);
        return valueRange({&one}, {}, false, share);
    };
    const auto all = range(1.0), most = range(0.98);
    EXPECT_EQ(all->high, 50.0);
    EXPECT_GT(most->high, 1.9);
    EXPECT_LT(most->high, 2.5);
    EXPECT_EQ(most->low, all->low);
    points[0].setY(2.1);
    EXPECT_EQ(range(0.98)->high, 2.1);
    EXPECT_FALSE(valueRange({}, {}, false, 0.98));
}

} // namespace
} // namespace lorikeet::ui
