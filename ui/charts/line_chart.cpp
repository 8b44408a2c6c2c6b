// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/line_chart.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

#include "ui/charts/decimate.h"
#include "ui/charts/plot_canvas.h"
#include "ui/charts/value_range.h"
#include "ui/theme/theme.h"

namespace lorikeet::ui {
namespace {

constexpr int kMaxColumns = 999; // two points each, and one beyond either end
constexpr double kReach = 12.0;  // pixels around a point that count as a click on it
constexpr double kLeader = 44.0; // from a point that stands out up to its label

std::vector<QPointF> inOrder(std::span<const QPointF> points, double after) {
    std::vector<QPointF> kept;
    kept.reserve(points.size());
    for (const QPointF& point : points)
        if (std::isfinite(point.x()) && point.x() > after) {
            kept.push_back(point);
            after = point.x();
        }
    return kept;
}

} // namespace

LineChart::LineChart(const QString& name, QWidget* parent) : Plot(name, parent) {}

int LineChart::addSeries(LineSpec spec) {
    m_series.push_back({std::move(spec), {}});
    scheduleRefresh();
    return int(m_series.size()) - 1;
}

void LineChart::clearSeries() {
    m_series.clear();
    m_loners.clear();
    m_highlight.reset();
    fitAxes();
}

void LineChart::setSpec(int series, LineSpec spec) {
    m_series[size_t(series)].spec = std::move(spec);
    scheduleRefresh();
}

void LineChart::setSeriesVisible(int series, bool isVisible) {
    m_series[size_t(series)].spec.isVisible = isVisible;
    fitAxes();
}

void LineChart::append(int series, std::span<const QPointF> points) {
    std::vector<QPointF>& known = m_series[size_t(series)].points;
    const std::vector<QPointF> news = inOrder(points, known.empty() ? -HUGE_VAL : known.back().x());
    known.insert(known.end(), news.begin(), news.end());
    scheduleRefresh();
}

void LineChart::replace(int series, std::vector<QPointF> points) {
    m_series[size_t(series)].points = inOrder(points, -HUGE_VAL);
    scheduleRefresh();
}

void LineChart::setHighlight(std::optional<Highlight> highlight) {
    m_highlight = std::move(highlight);
    scheduleRefresh();
}

ChartTable LineChart::table() const {
    std::vector<NamedPoints> lists;
    for (const Series& series : m_series)
        if (series.spec.isVisible)
            lists.push_back({series.spec.name, series.points});
    return tableOf(xName(), xKind(), yKind(), lists);
}

DataExtent LineChart::extent(std::optional<AxisRange> x, bool onlyPositive) const {
    DataExtent extent;
    std::vector<std::span<const QPointF>> fitted;
    for (const Series& series : m_series) {
        if (!series.spec.isVisible || series.points.empty())
            continue;
        const AxisRange reach = {series.points.front().x(), series.points.back().x()};
        extent.x =
            extent.x ? AxisRange{std::min(extent.x->low, reach.low), std::max(extent.x->high, reach.high)} : reach;
        if (series.spec.isFitted)
            fitted.push_back(x ? within(series.points, *x) : std::span<const QPointF>(series.points));
    }
    extent.y = valueRange(fitted, onlyPositive, x ? 1.0 : fittedShare());
    return extent;
}

void LineChart::fill(PlotCanvas& canvas, const PlotFrame& frame) {
    m_loners.clear();
    const int columns = std::min(kMaxColumns, int(std::ceil(frame.area.width())));
    for (const Series& series : m_series) {
        if (!series.spec.isVisible)
            continue;
        std::vector<Polyline> pieces = decimate(series.points, frame.x, columns, frame.isLogarithmic);
        for (const Polyline& piece : pieces)
            if (piece.size() == 1)
                m_loners.emplace_back(piece.front(), &series);
        if (frame.isLogarithmic)
            for (Polyline& piece : pieces)
                for (QPointF& point : piece)
                    point.setY(frame.onAxis(point.y()));
        canvas.addLine(pieces, linePen(series.spec.style));
    }
}

void LineChart::paintMarks(QPainter& painter, const PlotFrame& frame) {
    const auto isShown = [&frame](const QPointF& point) {
        return frame.x.contains(point.x()) && frame.y.contains(point.y());
    };
    const auto place = [&frame](const QPointF& point) {
        return QPointF(frame.pixelX(point.x()), frame.pixelY(point.y()));
    };
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    for (const auto& [point, series] : m_loners) {
        if (series->spec.style.hasRings || !isShown(point))
            continue;
        painter.setPen(Qt::NoPen);
        painter.setBrush(lineColor(series->spec.style));
        painter.drawEllipse(place(point), series->spec.style.width, series->spec.style.width);
    }
    for (size_t i = 0; i < m_series.size(); ++i) {
        const Series& series = m_series[i];
        if (!series.spec.isVisible || !series.spec.style.hasRings)
            continue;
        for (const QPointF& point : within(series.points, frame.x)) {
            const bool isHighlight = m_highlight && m_highlight->series == int(i) && m_highlight->x == point.x();
            if (std::isfinite(point.y()) && isShown(point) && !isHighlight)
                paintRing(painter, place(point), series.spec.style, false);
        }
    }
    painter.restore();
    if (m_highlight)
        paintHighlight(painter, frame);
}

void LineChart::paintHighlight(QPainter& painter, const PlotFrame& frame) const {
    if (m_highlight->series >= seriesCount() || !m_series[size_t(m_highlight->series)].spec.isVisible)
        return;
    const Series& series = m_series[size_t(m_highlight->series)];
    const qsizetype at = nearestPoint(series.points, m_highlight->x);
    if (at < 0)
        return;
    const QPointF value = series.points[size_t(at)];
    if (!frame.x.contains(value.x()) || !frame.y.contains(value.y()))
        return;
    painter.save();
    const QPointF point(frame.pixelX(value.x()), frame.pixelY(value.y()));
    painter.setFont(Theme::current().font(TextRole::Secondary));
    const QFontMetricsF text(painter.font());
    const bool isAbove = point.y() - kLeader - text.height() >= frame.area.top();
    const double end = isAbove ? point.y() - kLeader : point.y() + kLeader;
    painter.setPen(QPen(lineColor(series.spec.style), 1.0));
    painter.drawLine(point, QPointF(point.x(), end));
    paintRing(painter, point, series.spec.style, true);
    const double width = text.horizontalAdvance(m_highlight->label);
    const double left = std::clamp(point.x() + metrics::kInside - width, frame.area.left(), frame.area.right() - width);
    painter.setPen(Theme::current().color(ColorToken::Text));
    const double baseline = isAbove ? end - text.descent() - 1.0 : end + text.ascent() + 1.0;
    painter.drawText(QPointF(left, baseline), m_highlight->label);
    painter.restore();
}

std::vector<CursorReading> LineChart::readings(double x) const {
    std::vector<CursorReading> result;
    for (const Series& series : m_series) {
        const qsizetype at = series.spec.isVisible ? nearestPoint(series.points, x) : -1;
        if (at < 0)
            continue;
        // A curve that ended says nothing further on; its points' mean distance is what counts as near.
        const double span = series.points.back().x() - series.points.front().x();
        const double distance = series.points.size() > 1 ? span / double(series.points.size() - 1) : 0.0;
        if (x < series.points.front().x() - distance || x > series.points.back().x() + distance)
            continue;
        const QPointF& point = series.points[size_t(at)];
        result.push_back({series.spec.name, point.y(), series.spec.style, series.spec.style.opacity == 1.0});
    }
    return result;
}

const LineChart::Series* LineChart::densest() const {
    const Series* best = nullptr;
    for (const Series& series : m_series)
        if (series.spec.isVisible && !series.points.empty() && (!best || series.points.size() > best->points.size()))
            best = &series;
    return best;
}

std::optional<double> LineChart::snap(double x) const {
    const Series* series = densest();
    const qsizetype at = series ? nearestPoint(series->points, x) : -1;
    return at < 0 ? std::nullopt : std::optional(series->points[size_t(at)].x());
}

std::optional<double> LineChart::step(double x, int count) const {
    const Series* series = densest();
    const qsizetype at = series ? nearestPoint(series->points, x) : -1;
    if (at < 0)
        return {};
    const qsizetype last = qsizetype(series->points.size()) - 1;
    return snap(series->points[size_t(std::clamp<qsizetype>(at + count, 0, last))].x());
}

void LineChart::click(const QPointF& position, const PlotFrame& frame) {
    int hit = -1;
    double hitX = 0.0, best = kReach;
    for (size_t i = 0; i < m_series.size(); ++i) {
        const Series& series = m_series[i];
        const qsizetype at = series.spec.isVisible ? nearestPoint(series.points, frame.valueX(position.x())) : -1;
        if (at < 0)
            continue;
        const QPointF& point = series.points[size_t(at)];
        const double distance =
            std::hypot(frame.pixelX(point.x()) - position.x(), frame.pixelY(point.y()) - position.y());
        if (distance <= best) { // of equal ones the one above
            best = distance;
            hit = int(i);
            hitX = point.x();
        }
    }
    if (hit >= 0)
        emit pointClicked(hit, hitX);
}

} // namespace lorikeet::ui
