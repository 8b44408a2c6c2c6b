// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QPointF>

#include <span>
#include <vector>

#include "ui/charts/chart_axis.h"

namespace lorikeet::ui {

/// Points that a line joins without a gap.
using Polyline = QList<QPointF>;

/// The points within `x`, and the nearest one beyond either end, as few as show the same on a picture that is `columns`
/// pixels wide: of each column the lowest and the highest. `points` are in ascending x. A y that is not finite, or that
/// `onlyPositive` forbids, is a gap; gaps narrower than a column are not seen. At most 2 * columns + 2 points.
std::vector<Polyline> decimate(std::span<const QPointF> points, AxisRange x, int columns, bool onlyPositive = false);

/// The part of `points`, in ascending x, within `x`.
std::span<const QPointF> within(std::span<const QPointF> points, AxisRange x);

/// Index of the point nearest to `x`, among those with a finite y; -1 where there is none.
qsizetype nearestPoint(std::span<const QPointF> points, double x);

} // namespace lorikeet::ui
