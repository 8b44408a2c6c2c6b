// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/line_chart.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

#include "ui/charts/plot_canvas.h"
#include "ui/charts/value_range.h"
#include "ui/theme/theme.h"

namespace lorikeet::ui {
namespace {

constexpr int kMaxColumns = 999; // two points each, and one beyond either end
constexpr double kReach = 12.0;  // pixels around a point that count as a click on it
constexpr double kLeader = 44.0; // from a point that stands out up to its label

constexpr double kBeyond = 20.0; // how far lines go on outside the axes, in lengths of these

/// Moves what is far outside of the axes near, so that a line still leaves at the same place: the paint engine takes
/// its time for lines of 1e9 pixels, above all for dashed ones.
void bringNear(Polyline& piece, AxisRange x, AxisRange y) {
    const auto widened = [](AxisRange range) {
        return AxisRange{range.low - kBeyond * range.span(), range.high + kBeyond * range.span()};
    };
    const auto on = [](const QPointF& inner, const QPointF& outer, double at) {
        return QPointF(at, inner.y() + (outer.y() - inner.y()) * ((at - inner.x()) / (outer.x() - inner.x())));
    };
    const AxisRange wideX = widened(x), wideY = widened(y);
    if (piece.size() > 1 && piece.first().x() < wideX.low)
        piece.first() = on(piece[1], piece.first(), wideX.low);
    if (piece.size() > 1 && piece.last().x() > wideX.high)
        piece.last() = on(piece[piece.size() - 2], piece.last(), wideX.high);
    for (QPointF& point : piece)
        point.setY(std::clamp(point.y(), wideY.low, wideY.high));
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
    m_series[size_t(series)].points.append(points);
    scheduleRefresh();
}

void LineChart::replace(int series, std::vector<QPointF> points) {
    m_series[size_t(series)].points.clear();
    append(series, points);
}

void LineChart::setHighlight(std::optional<Highlight> highlight) {
    m_highlight = std::move(highlight);
    scheduleRefresh();
}

ChartTable LineChart::table() const {
    std::vector<NamedPoints> lists;
    for (const Series& series : m_series)
        if (series.spec.isVisible)
            lists.push_back({series.spec.name, series.points.list()});
    return tableOf(xName(), xKind(), yKind(), lists);
}

std::optional<AxisRange> LineChart::xReach() const {
    std::optional<AxisRange> all;
    for (const Series& series : m_series)
        if (const auto reach = series.spec.isVisible ? series.points.reach() : std::nullopt)
            all = all ? AxisRange{std::min(all->low, reach->low), std::max(all->high, reach->high)} : *reach;
    return all;
}

std::optional<AxisRange> LineChart::yReach(std::optional<AxisRange> x, bool onlyPositive) const {
    std::vector<const CurvePoints*> fitted;
    for (const Series& series : m_series)
        if (series.spec.isVisible && series.spec.isFitted)
            fitted.push_back(&series.points);
    return valueRange(fitted, x, onlyPositive, x ? 1.0 : fittedShare());
}

void LineChart::fill(PlotCanvas& canvas, const PlotFrame& frame) {
    m_loners.clear();
    const int columns = std::min(kMaxColumns, int(std::ceil(frame.area.width())));
    for (const Series& series : m_series) {
        if (!series.spec.isVisible)
            continue;
        std::vector<Polyline> pieces = series.points.decimated(frame.x, columns, frame.isLogarithmic);
        for (const Polyline& piece : pieces)
            if (piece.size() == 1)
                m_loners.emplace_back(piece.front(), &series);
        if (frame.isLogarithmic)
            for (Polyline& piece : pieces)
                for (QPointF& point : piece)
                    point.setY(frame.onAxis(point.y()));
        for (Polyline& piece : pieces)
            bringNear(piece, frame.x, {frame.onAxis(frame.y.low), frame.onAxis(frame.y.high)});
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
        const auto [first, last] = series.points.within(frame.x);
        for (size_t at = first; at < last; ++at) {
            const QPointF& point = series.points.list()[at];
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
    const qsizetype at = nearestPoint(series.points.list(), m_highlight->x);
    if (at < 0)
        return;
    const QPointF value = series.points.list()[size_t(at)];
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
    // In a chart that is narrower than the words, their beginning is what is seen.
    const double left =
        std::max(frame.area.left(), std::min(point.x() + metrics::kInside - width, frame.area.right() - width));
    painter.setPen(Theme::current().color(ColorToken::Text));
    const double baseline = isAbove ? end - text.descent() - 1.0 : end + text.ascent() + 1.0;
    painter.drawText(QPointF(left, baseline), m_highlight->label);
    painter.restore();
}

std::vector<CursorReading> LineChart::readings(double x) const {
    std::vector<CursorReading> result;
    for (const Series& series : m_series) {
        const std::vector<QPointF>& points = series.points.list();
        const qsizetype at = series.spec.isVisible ? nearestPoint(points, x) : -1;
        if (at < 0)
            continue;
        // A curve that ended says nothing further on; its points' mean distance is what counts as near.
        const double span = points.back().x() - points.front().x();
        const double distance = points.size() > 1 ? span / double(points.size() - 1) : 0.0;
        if (x < points.front().x() - distance || x > points.back().x() + distance)
            continue;
        result.push_back(
            {series.spec.name, points[size_t(at)].y(), series.spec.style, series.spec.style.opacity == 1.0});
    }
    return result;
}

const LineChart::Series* LineChart::densest() const {
    const Series* best = nullptr;
    for (const Series& series : m_series)
        if (series.spec.isVisible && (!best || series.points.list().size() > best->points.list().size()) &&
            nearestPoint(series.points.list(), 0.0) >= 0)
            best = &series;
    return best;
}

std::optional<double> LineChart::snap(double x) const {
    const Series* series = densest();
    if (!series)
        return {};
    return series->points.list()[size_t(nearestPoint(series->points.list(), x))].x();
}

std::optional<double> LineChart::step(double x, int count) const {
    const Series* series = densest();
    if (!series)
        return {};
    const std::vector<QPointF>& points = series->points.list();
    return points[size_t(pointFurtherOn(points, nearestPoint(points, x), count))].x();
}

void LineChart::click(const QPointF& position, const PlotFrame& frame) {
    int hit = -1;
    double hitX = 0.0, best = kReach;
    for (size_t i = 0; i < m_series.size(); ++i) {
        const Series& series = m_series[i];
        const std::vector<QPointF>& points = series.points.list();
        const qsizetype at = series.spec.isVisible ? nearestPoint(points, frame.valueX(position.x())) : -1;
        if (at < 0)
            continue;
        const QPointF& point = points[size_t(at)];
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
