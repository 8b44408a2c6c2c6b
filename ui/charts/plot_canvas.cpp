// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/plot_canvas.h"

#include <QAreaSeries>
#include <QChart>
#include <QGraphicsLayout>
#include <QGraphicsScene>
#include <QLineSeries>
#include <QPainter>
#include <QValueAxis>

namespace lorikeet::ui {

PlotCanvas::PlotCanvas()
    : m_scene(std::make_unique<QGraphicsScene>()), m_chart(new QChart), m_x(new QValueAxis), m_y(new QValueAxis) {
    m_scene->setItemIndexMethod(QGraphicsScene::NoIndex);
    m_scene->addItem(m_chart);
    m_chart->setBackgroundVisible(false);
    m_chart->setMargins({});
    m_chart->legend()->hide();
    m_chart->addAxis(m_x, Qt::AlignBottom);
    m_chart->addAxis(m_y, Qt::AlignLeft);
    for (QValueAxis* axis : {m_x, m_y})
        axis->setVisible(false);
}

PlotCanvas::~PlotCanvas() {
    m_scene.reset(); // and the areas with it, before the lines that bound them
}

void PlotCanvas::begin(const QRectF& plot, AxisRange x, AxisRange y) {
    if (plot != m_plot) {
        m_plot = plot;
        m_chart->resize(plot.size());
        m_chart->setPlotArea({QPointF(), plot.size()});
        m_chart->layout()->activate();
        m_scene->setSceneRect({QPointF(), plot.size()});
    }
    m_x->setRange(x.low, x.high);
    m_y->setRange(y.low, y.high);
    m_usedLines = m_usedAreas = 0;
}

void PlotCanvas::addLine(const std::vector<Polyline>& pieces, const QPen& pen) {
    for (const Polyline& piece : pieces) {
        QLineSeries* line = nextLine();
        line->setPen(pen);
        line->replace(piece);
    }
}

void PlotCanvas::addArea(const Polyline& upper, const Polyline& lower, const QColor& color) {
    Area& area = nextArea();
    area.upper->replace(upper);
    area.lower->replace(lower);
    area.series->setBrush(color);
}

void PlotCanvas::end() {
    for (size_t i = m_usedLines; i < m_lines.size(); ++i) {
        m_lines[i]->setVisible(false);
        m_lines[i]->replace(Polyline());
    }
    for (size_t i = m_usedAreas; i < m_areas.size(); ++i)
        m_areas[i].series->setVisible(false);
}

void PlotCanvas::paint(QPainter& painter) {
    if (m_plot.isEmpty())
        return;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    m_scene->render(&painter, m_plot, {QPointF(), m_plot.size()}, Qt::IgnoreAspectRatio);
    painter.restore();
}

QLineSeries* PlotCanvas::nextLine() {
    if (m_usedLines == m_lines.size()) {
        auto* line = new QLineSeries;
        m_chart->addSeries(line);
        line->attachAxis(m_x);
        line->attachAxis(m_y);
        m_lines.push_back(line);
    }
    QLineSeries* line = m_lines[m_usedLines++];
    line->setVisible(true);
    return line;
}

PlotCanvas::Area& PlotCanvas::nextArea() {
    if (m_usedAreas == m_areas.size()) {
        Area area{std::make_unique<QLineSeries>(), std::make_unique<QLineSeries>(), nullptr};
        area.series = new QAreaSeries(area.upper.get(), area.lower.get());
        m_chart->addSeries(area.series);
        area.series->attachAxis(m_x);
        area.series->attachAxis(m_y);
        area.series->setPen(Qt::NoPen);
        m_areas.push_back(std::move(area));
    }
    Area& area = m_areas[m_usedAreas++];
    area.series->setVisible(true);
    return area;
}

} // namespace lorikeet::ui
