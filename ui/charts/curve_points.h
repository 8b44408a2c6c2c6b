// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QPointF>

#include <optional>
#include <span>
#include <vector>

#include "ui/charts/chart_axis.h"

namespace lorikeet::ui {

/// Points that a line joins without a gap.
using Polyline = QList<QPointF>;

/// The points of one curve in ascending x, with the lowest and the highest of every few of them: what is asked of them
/// costs little however many there are, and points that are added cost no more than themselves. A y that is not finite
/// is a gap.
class CurvePoints {
public:
    /// Adds points to the end. A point whose x is not above the last one's, or is not finite, is left out.
    void append(std::span<const QPointF> points);
    void clear();

    const std::vector<QPointF>& list() const { return m_points; }
    bool isEmpty() const { return m_points.empty(); }

    /// What x reaches; nothing where there is no point.
    std::optional<AxisRange> reach() const;
    /// The places of the points within `x`: from the first up to, but not with, the last.
    std::pair<size_t, size_t> within(AxisRange x) const;
    /// The range of the finite y, of those within `x` where it is given; of positive ones with `onlyPositive`. Nothing
    /// where there is none.
    std::optional<AxisRange> range(std::optional<AxisRange> x, bool onlyPositive) const;

    /// The points within `x`, and the nearest one beyond either end, as few as show the same on a picture that is
    /// `columns` pixels wide: of each column the lowest and the highest. A y that `onlyPositive` forbids is a gap;
    /// gaps narrower than a column are not seen. At most 2 * columns + 2 points.
    std::vector<Polyline> decimated(AxisRange x, int columns, bool onlyPositive = false) const;

private:
    /// kBlock points that follow each other.
    struct Block {
        size_t lowest = 0, highest = 0; ///< places of the points
        bool isWhole = true;            ///< without a gap
    };

    /// Whether the block that begins at `place` ends before `last` and has no gap.
    const Block* wholeBlock(size_t place, size_t last, bool onlyPositive) const;
    void noteLast();

    std::vector<QPointF> m_points;
    std::vector<Block> m_blocks; ///< of all points; the last one may not be full yet
};

/// Index of the point nearest to `x`, among those with a finite y; -1 where there is none.
qsizetype nearestPoint(std::span<const QPointF> points, double x);
/// Index of the point that is `count` points with a finite y after (before, where it is negative) the one at `from`, or
/// as many as there are.
qsizetype pointFurtherOn(std::span<const QPointF> points, qsizetype from, int count);

} // namespace lorikeet::ui
