// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/stacked_chart.h"

#include <algorithm>
#include <cmath>

#include "ui/charts/decimate.h"
#include "ui/charts/plot_canvas.h"
#include "ui/charts/value_range.h"
#include "ui/theme/theme.h"

namespace lorikeet::ui {
namespace {

constexpr int kMaxColumns = 200; // areas cost more to draw than lines: ten of them, two moments a column
/// Layers lower than this many pixels would vanish under the line that parts them from the next one.
constexpr double kLowLayer = 3.0;

LineStyle layerStyle(const QString& tag) {
    LineStyle style;
    style.memoryTag = tag;
    return style;
}

} // namespace

StackedChart::StackedChart(const QString& name, QStringList tags, QWidget* parent)
    : Plot(name, parent), m_tags(std::move(tags)) {
    setYAxis(AxisKind::Memory, YFit::FromZero);
    setCursorBox(CursorOrder::AsDrawn, true);
}

void StackedChart::append(const std::vector<StackSample>& samples) {
    for (const StackSample& sample : samples) {
        if (!std::isfinite(sample.x) || (!m_totals.empty() && sample.x <= m_totals.back().x()))
            continue;
        double total = 0.0;
        for (size_t i = 0; i < size_t(m_tags.size()); ++i) {
            const double bytes = i < sample.values.size() ? std::max(0.0, sample.values[i]) : 0.0;
            m_values.push_back(bytes);
            total += bytes;
        }
        m_totals.emplace_back(sample.x, total);
    }
    scheduleRefresh();
}

void StackedChart::clear() {
    m_totals.clear();
    m_values.clear();
    fitAxes();
}

ChartTable StackedChart::table() const {
    ChartTable table;
    table.columns.push_back({xName(), xKind(), {}});
    for (const QString& tag : m_tags)
        table.columns.push_back({memoryTagTitle(tag), AxisKind::Memory, {}});
    table.columns.push_back({tr("Total"), AxisKind::Memory, {}});
    for (size_t moment = 0; moment < m_totals.size(); ++moment) {
        table.columns.front().values.push_back(m_totals[moment].x());
        for (size_t layer = 0; layer < size_t(m_tags.size()); ++layer)
            table.columns[layer + 1].values.push_back(value(moment, layer));
        table.columns.back().values.push_back(m_totals[moment].y());
    }
    return table;
}

DataExtent StackedChart::extent(std::optional<AxisRange> x, bool onlyPositive) const {
    DataExtent extent;
    if (m_totals.empty())
        return extent;
    extent.x = AxisRange{m_totals.front().x(), m_totals.back().x()};
    extent.y = valueRange({x ? within(m_totals, *x) : std::span<const QPointF>(m_totals)}, onlyPositive);
    return extent;
}

std::vector<size_t> StackedChart::chosen(AxisRange x, int columns) const {
    std::vector<size_t> moments;
    const auto isLeftOf = [](const QPointF& point, double at) { return point.x() < at; };
    for (const Polyline& piece : decimate(m_totals, x, columns))
        for (const QPointF& point : piece)
            moments.push_back(
                size_t(std::lower_bound(m_totals.begin(), m_totals.end(), point.x(), isLeftOf) - m_totals.begin()));
    return moments;
}

void StackedChart::fill(PlotCanvas& canvas, const PlotFrame& frame) {
    const std::vector<size_t> moments = chosen(frame.x, std::min(kMaxColumns, int(std::ceil(frame.area.width()))));
    Polyline lower;
    for (const size_t moment : moments)
        lower.append({m_totals[moment].x(), 0.0});
    const QPen seam(Theme::current().color(ColorToken::Surface), 1.0);
    const double pixel = frame.y.span() / frame.area.height();
    for (size_t layer = 0; layer < size_t(m_tags.size()) && !moments.empty(); ++layer) {
        Polyline upper = lower;
        double highest = 0.0;
        for (size_t i = 0; i < moments.size(); ++i) {
            const double bytes = value(moments[i], layer);
            upper[qsizetype(i)].ry() += bytes;
            highest = std::max(highest, bytes);
        }
        if (highest > 0.0) {
            canvas.addArea(upper, lower, lineColor(layerStyle(m_tags[qsizetype(layer)])));
            if (highest >= kLowLayer * pixel)
                canvas.addLine({lower}, seam);
        }
        lower = std::move(upper);
    }
}

void StackedChart::paintMarks(QPainter&, const PlotFrame&) {}

std::vector<CursorReading> StackedChart::readings(double x) const {
    std::vector<CursorReading> result;
    const qsizetype at = nearestPoint(m_totals, x);
    if (at < 0)
        return result;
    LineStyle total;
    total.token = ColorToken::Text;
    result.push_back({tr("Total"), m_totals[size_t(at)].y(), total});
    for (qsizetype layer = m_tags.size() - 1; layer >= 0; --layer)
        if (const double bytes = value(size_t(at), size_t(layer)); bytes > 0.0)
            result.push_back({memoryTagTitle(m_tags[layer]), bytes, layerStyle(m_tags[layer])});
    return result;
}

std::optional<double> StackedChart::snap(double x) const {
    const qsizetype at = nearestPoint(m_totals, x);
    return at < 0 ? std::nullopt : std::optional(m_totals[size_t(at)].x());
}

std::optional<double> StackedChart::step(double x, int count) const {
    const qsizetype at = nearestPoint(m_totals, x);
    if (at < 0)
        return {};
    return m_totals[size_t(std::clamp<qsizetype>(at + count, 0, qsizetype(m_totals.size()) - 1))].x();
}

void StackedChart::click(const QPointF&, const PlotFrame&) {}

} // namespace lorikeet::ui
