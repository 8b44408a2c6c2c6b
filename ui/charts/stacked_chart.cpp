// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/stacked_chart.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "ui/charts/plot_canvas.h"
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
        std::vector<double> layers(size_t(m_tags.size()), 0.0);
        for (size_t i = 0; i < std::min(layers.size(), sample.values.size()); ++i)
            layers[i] = std::max(0.0, sample.values[i]);
        const QPointF total(sample.x, std::accumulate(layers.begin(), layers.end(), 0.0));
        const size_t known = m_totals.list().size();
        m_totals.append({&total, 1});
        if (m_totals.list().size() > known)
            m_values.insert(m_values.end(), layers.begin(), layers.end());
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
    const std::vector<QPointF>& totals = m_totals.list();
    for (size_t moment = 0; moment < totals.size(); ++moment) {
        table.columns.front().values.push_back(totals[moment].x());
        for (size_t layer = 0; layer < size_t(m_tags.size()); ++layer)
            table.columns[layer + 1].values.push_back(value(moment, layer));
        table.columns.back().values.push_back(totals[moment].y());
    }
    return table;
}

std::optional<AxisRange> StackedChart::xReach() const {
    return m_totals.reach();
}

std::optional<AxisRange> StackedChart::yReach(std::optional<AxisRange> x, bool onlyPositive) const {
    return m_totals.range(x, onlyPositive);
}

std::vector<size_t> StackedChart::chosen(AxisRange x, int columns) const {
    std::vector<size_t> moments;
    for (const Polyline& piece : m_totals.decimated(x, columns))
        for (const QPointF& point : piece)
            moments.push_back(m_totals.within({point.x(), point.x()}).first);
    return moments;
}

void StackedChart::fill(PlotCanvas& canvas, const PlotFrame& frame) {
    const std::vector<size_t> moments = chosen(frame.x, std::min(kMaxColumns, int(std::ceil(frame.area.width()))));
    Polyline lower;
    for (const size_t moment : moments)
        lower.append({m_totals.list()[moment].x(), 0.0});
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
    const qsizetype at = nearestPoint(m_totals.list(), x);
    if (at < 0)
        return result;
    LineStyle total;
    total.token = ColorToken::Text;
    result.push_back({tr("Total"), m_totals.list()[size_t(at)].y(), total});
    for (qsizetype layer = m_tags.size() - 1; layer >= 0; --layer)
        if (const double bytes = value(size_t(at), size_t(layer)); bytes > 0.0)
            result.push_back({memoryTagTitle(m_tags[layer]), bytes, layerStyle(m_tags[layer])});
    return result;
}

std::optional<double> StackedChart::snap(double x) const {
    const qsizetype at = nearestPoint(m_totals.list(), x);
    return at < 0 ? std::nullopt : std::optional(m_totals.list()[size_t(at)].x());
}

std::optional<double> StackedChart::step(double x, int count) const {
    const qsizetype at = nearestPoint(m_totals.list(), x);
    if (at < 0)
        return {};
    return m_totals.list()[size_t(pointFurtherOn(m_totals.list(), at, count))].x();
}

void StackedChart::click(const QPointF&, const PlotFrame&) {}

} // namespace lorikeet::ui
