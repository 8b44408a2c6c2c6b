// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QPen>
#include <QRectF>

#include <memory>
#include <vector>

#include "ui/charts/curve_points.h"

class QAreaSeries;
class QChart;
class QGraphicsScene;
class QLineSeries;
class QValueAxis;

namespace lorikeet::ui {

/// Lines and areas of a chart, drawn by Qt Charts into whatever is painted on: axes, labels and all else are drawn
/// around it by Plot. Between begin() and end() the picture is told anew, from the back to the front; areas stand
/// behind lines.
class PlotCanvas {
public:
    PlotCanvas();
    ~PlotCanvas();
    PlotCanvas(const PlotCanvas&) = delete;
    PlotCanvas& operator=(const PlotCanvas&) = delete;

    /// `plot` is where the ranges are drawn, in coordinates of the widget; what lies outside is cut off.
    void begin(const QRectF& plot, AxisRange x, AxisRange y);
    void addLine(const std::vector<Polyline>& pieces, const QPen& pen);
    void addArea(const Polyline& upper, const Polyline& lower, const QColor& color);
    void end();

    void paint(QPainter& painter);

private:
    struct Area {
        std::unique_ptr<QLineSeries> upper, lower;
        QAreaSeries* series; ///< of the chart
    };
    QLineSeries* nextLine();
    Area& nextArea();

    std::unique_ptr<QGraphicsScene> m_scene;
    QChart* m_chart; ///< of the scene
    QValueAxis* m_x; ///< of the chart
    QValueAxis* m_y;
    std::vector<QLineSeries*> m_lines; ///< of the chart
    std::vector<Area> m_areas;
    size_t m_usedLines = 0, m_usedAreas = 0;
    QRectF m_plot;
};

} // namespace lorikeet::ui
