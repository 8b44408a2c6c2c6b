// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/group_chart.h"

#include <QFontMetricsF>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

#include "ui/charts/line_style.h"
#include "ui/theme/theme.h"

namespace lorikeet::ui {
namespace {

constexpr double kShare = 0.72; // of a group's width, which its points take
constexpr double kReach = 16.0; // pixels around a point within which the mouse means it
constexpr double kBoxPadding = 8.0;
constexpr double kBoxRadius = 4.0;

LineStyle styleOf(size_t group) {
    LineStyle style = comparedLine(int(group));
    style.hasRings = true;
    return style;
}

} // namespace

GroupChart::GroupChart(const QString& name, QWidget* parent) : ChartView(name, parent) {}

void GroupChart::setGroups(std::vector<PointGroup> groups, ChartTable table) {
    m_groups = std::move(groups);
    m_table = std::move(table);
    setCurrent({});
    update();
    emit refreshed();
}

void GroupChart::setReference(std::optional<double> value) {
    m_reference = value;
    update();
}

void GroupChart::setHint(const QString& hint) {
    m_hint = hint;
    update();
}

std::vector<GroupChart::Place> GroupChart::places() const {
    std::vector<Place> all;
    for (size_t group = 0; group < m_groups.size(); ++group)
        for (size_t point = 0; point < m_groups[group].points.size(); ++point)
            if (std::isfinite(m_groups[group].points[point].value))
                all.push_back({group, point});
    return all;
}

PlotFrame GroupChart::makeFrame(const QSizeF& size) const {
    const QFontMetricsF text(chartFont());
    const QSizeF room(size.width(), size.height() - text.height()); // below: the notes
    std::optional<AxisRange> reach;
    const auto widen = [&](double value) {
        reach = reach ? AxisRange{std::min(reach->low, value), std::max(reach->high, value)} : AxisRange{value, value};
    };
    for (const Place place : places())
        widen(at(place).value);
    if (m_reference)
        widen(*m_reference);
    AxisRange y = reach.value_or(AxisRange{});
    if (!(y.span() > 0.0))
        y = {y.low - 0.5, y.high + 0.5};
    y = niceRange(y, AxisKind::Number, yIntervals(room.height() - 2.0 * text.height()));
    PlotFrame frame = makePlotFrame(room, {0.0, double(std::max<size_t>(1, m_groups.size()))}, y, {});
    frame.xTicks = {};
    for (size_t group = 0; group < m_groups.size(); ++group) {
        frame.xTicks.values.append(double(group) + 0.5);
        frame.xTicks.labels.append(m_groups[group].name);
    }
    return frame;
}

QPointF GroupChart::pixel(const PlotFrame& frame, Place place) const {
    const size_t count = m_groups[place.group].points.size();
    const double along = count < 2 ? 0.5 : double(place.point) / double(count - 1);
    const double x = double(place.group) + 0.5 + kShare * (along - 0.5);
    return {frame.pixelX(x), frame.pixelY(at(place).value)};
}

QPointF GroupChart::position(size_t group, size_t point) const {
    return pixel(makeFrame(size()), {group, point});
}

void GroupChart::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    draw(painter, size());
    if (m_current)
        paintCurrent(painter, makeFrame(size()));
    paintFocus(painter);
}

void GroupChart::draw(QPainter& painter, const QSize& size) {
    painter.setFont(chartFont());
    if (places().empty()) {
        painter.setPen(Theme::current().color(ColorToken::Secondary));
        painter.drawText(QRectF(QPointF(), size), Qt::AlignCenter | Qt::TextWordWrap, m_hint);
        return;
    }
    const PlotFrame frame = makeFrame(size);
    paintAxes(painter, frame);
    painter.setRenderHint(QPainter::Antialiasing);
    if (m_reference) {
        painter.setPen(QPen(Theme::current().color(ColorToken::Secondary), 1.0, Qt::DashLine));
        const double y = crisp(frame.pixelY(*m_reference));
        painter.drawLine(QPointF(frame.area.left(), y), QPointF(frame.area.right(), y));
    }
    for (size_t group = 0; group < m_groups.size(); ++group)
        paintGroup(painter, frame, group);
    painter.setRenderHint(QPainter::Antialiasing, false);
}

void GroupChart::paintGroup(QPainter& painter, const PlotFrame& frame, size_t group) const {
    const LineStyle style = styleOf(group);
    std::optional<QPointF> before;
    for (const Place place : places()) {
        if (place.group != group)
            continue;
        const QPointF center = pixel(frame, place);
        painter.setPen(linePen(style));
        if (before)
            painter.drawLine(*before, center);
        before = center;
    }
    for (const Place place : places())
        if (place.group == group)
            paintRing(painter, pixel(frame, place), style, true);
    paintMarks(painter, frame, group);
    const QFontMetricsF text(chartFont());
    const double width = frame.area.width() / double(m_groups.size());
    const double top = frame.area.bottom() + metrics::kGrid - 1.0 + text.height();
    const QRectF below(frame.area.left() + width * double(group), top, width, text.height());
    painter.setFont(chartFont());
    painter.setPen(Theme::current().color(ColorToken::Secondary));
    painter.drawText(below, Qt::AlignHCenter | Qt::AlignVCenter | Qt::TextDontClip,
                     text.elidedText(m_groups[group].note, Qt::ElideRight, width));
}

/// All of a group, or its ends where there is no room for more.
void GroupChart::paintMarks(QPainter& painter, const PlotFrame& frame, size_t group) const {
    const QFontMetricsF text(chartFont());
    const std::vector<GroupPoint>& points = m_groups[group].points;
    double widest = 0.0;
    for (const GroupPoint& point : points)
        widest = std::max(widest, text.horizontalAdvance(point.mark));
    const double width = frame.area.width() / double(m_groups.size());
    const bool fitsAll = points.size() < 2 || widest + metrics::kInside < kShare * width / double(points.size() - 1);
    painter.setPen(Theme::current().color(ColorToken::Secondary));
    for (const Place place : places()) {
        const bool isEnd = place.point == 0 || place.point + 1 == points.size();
        if (place.group != group || (!fitsAll && !isEnd))
            continue;
        const QPointF center = pixel(frame, place);
        const double wide = text.horizontalAdvance(at(place).mark);
        const double above = center.y() - metrics::kGrid - text.height();
        const bool fitsAbove = above >= frame.area.top() - text.height();
        painter.drawText(
            QRectF(center.x() - wide / 2.0, fitsAbove ? above : center.y() + metrics::kGrid, wide, text.height()),
            Qt::AlignCenter | Qt::TextDontClip, at(place).mark);
    }
}

void GroupChart::paintCurrent(QPainter& painter, const PlotFrame& frame) const {
    const QPointF center = pixel(frame, *m_current);
    const Theme& theme = Theme::current();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme.color(ColorToken::Text), 1.5));
    painter.drawEllipse(center, metrics::kGrid * 0.75, metrics::kGrid * 0.75);
    const QFontMetricsF text(chartFont());
    const double most = std::max(1.0, width() - 2.0 * kBoxPadding - 2.0);
    const QString words = text.elidedText(at(*m_current).text, Qt::ElideRight, most);
    QRectF box(0.0, 0.0, std::ceil(text.horizontalAdvance(words)) + 2.0 * kBoxPadding,
               std::ceil(text.height()) + kBoxPadding);
    const double left = std::clamp(center.x() - box.width() / 2.0, 0.5, std::max(0.5, width() - 1.0 - box.width()));
    // Below its point where above is no room, so that neither hides the other.
    const double above = center.y() - 2.0 * metrics::kGrid - box.height();
    box.moveTopLeft(
        {std::floor(left) + 0.5, std::floor(above >= 0.0 ? above : center.y() + 2.0 * metrics::kGrid) + 0.5});
    painter.setPen(theme.color(ColorToken::ControlBorder));
    painter.setBrush(theme.color(ColorToken::Surface));
    painter.drawRoundedRect(box, kBoxRadius, kBoxRadius);
    painter.setFont(chartFont());
    painter.setPen(theme.color(ColorToken::Text));
    painter.drawText(box, Qt::AlignCenter, words);
    painter.setRenderHint(QPainter::Antialiasing, false);
}

void GroupChart::setCurrent(std::optional<Place> place) {
    if (place == m_current)
        return;
    m_current = place;
    setAccessibleDescription(place ? at(*place).text : QString());
    update();
}

void GroupChart::mouseMoveEvent(QMouseEvent* event) {
    const PlotFrame frame = makeFrame(size());
    std::optional<Place> nearest;
    double least = kReach;
    for (const Place place : places()) {
        const QPointF away = pixel(frame, place) - event->position();
        const double distance = std::hypot(away.x(), away.y());
        if (distance <= least) {
            least = distance;
            nearest = place;
        }
    }
    setCurrent(nearest);
}

void GroupChart::leaveEvent(QEvent* event) {
    ChartView::leaveEvent(event);
    setCurrent({});
}

void GroupChart::focusOutEvent(QFocusEvent* event) {
    ChartView::focusOutEvent(event);
    setCurrent({});
}

void GroupChart::keyPressEvent(QKeyEvent* event) {
    const std::vector<Place> all = places();
    const bool isRight = event->key() == Qt::Key_Right, isLeft = event->key() == Qt::Key_Left;
    const bool isEnd = event->key() == Qt::Key_Home || event->key() == Qt::Key_End;
    if (all.empty() || !(isRight || isLeft || isEnd))
        return ChartView::keyPressEvent(event);
    if (isEnd || !m_current)
        return setCurrent(event->key() == Qt::Key_Home || isRight ? all.front() : all.back());
    const auto found = std::find(all.begin(), all.end(), *m_current);
    const auto index =
        std::clamp<std::ptrdiff_t>(found - all.begin() + (isRight ? 1 : -1), 0, std::ptrdiff_t(all.size()) - 1);
    setCurrent(all[size_t(index)]);
}

} // namespace lorikeet::ui
