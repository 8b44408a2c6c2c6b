// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFont>
#include <QRectF>

#include "ui/charts/chart_axis.h"

class QPainter;

namespace lorikeet::ui {

/// Where axes lie and what they reach.
struct PlotFrame {
    QRectF area; ///< in pixels
    AxisRange x, y;
    bool isLogarithmic = false;
    AxisTicks xTicks, yTicks;

    double pixelX(double value) const { return area.left() + (value - x.low) / x.span() * area.width(); }
    double pixelY(double value) const;
    double valueX(double pixel) const { return x.low + (pixel - area.left()) / area.width() * x.span(); }
    double valueY(double pixel) const;
    /// The y that is drawn: the value or its logarithm.
    double onAxis(double value) const;
};

struct PlotAxes {
    AxisKind xKind = AxisKind::Count, yKind = AxisKind::Number;
    bool isLogarithmic = false;
};

/// How many parts ticks may divide the x and the y axis into, in a chart of that size.
int xIntervals(double width);
int yIntervals(double height);
/// Room for a chart of `size`, its labels around it.
PlotFrame makePlotFrame(const QSizeF& size, AxisRange x, AxisRange y, const PlotAxes& axes);
/// Grid and labels.
void paintAxes(QPainter& painter, const PlotFrame& frame);
/// The font of all that is written in charts.
QFont chartFont(QFont::Weight weight = QFont::Normal);
/// The middle of a pixel, where a line 1 px wide is sharp.
double crisp(double coordinate);
/// The ring around a chart that has the keyboard.
void paintFocusRing(QPainter& painter, const QRectF& area);

} // namespace lorikeet::ui
