// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/line_style.h"

#include <QHBoxLayout>
#include <QPainter>
#include <QPen>

#include "ui/theme/theme.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {
namespace {

constexpr qreal kRing = 7.0; ///< its outer diameter
constexpr qreal kDot = 10.0;
constexpr qreal kSquare = 8.0;
constexpr int kSampleWidth = 24;

} // namespace

LineStyle rawLine(int color) {
    return {.color = color, .token = {}, .memoryTag = {}, .dashes = {}, .width = 1.0, .opacity = 0.32};
}

LineStyle smoothedLine(int color) {
    return {.color = color, .token = {}, .memoryTag = {}, .dashes = {}};
}

LineStyle evaluationLine(int color) {
    return {.color = color,
            .token = {},
            .memoryTag = {},
            .dashes = {3.0, 2.0},
            .width = 1.5,
            .opacity = 1.0,
            .hasRings = true};
}

LineStyle comparedLine(int index) {
    return {.color = index, .token = {}, .memoryTag = {}, .dashes = seriesDashes(index)};
}

LineStyle thinLine(int color) {
    return {.color = color, .token = {}, .memoryTag = {}, .dashes = {}, .width = 1.5};
}

QColor lineColor(const LineStyle& style) {
    const Theme& theme = Theme::current();
    QColor color = !style.memoryTag.isEmpty() ? memoryTagColor(style.memoryTag, theme.scheme())
                   : style.token              ? theme.color(*style.token)
                                              : seriesColor(style.color, theme.scheme());
    color.setAlphaF(float(style.opacity));
    return color;
}

QPen linePen(const LineStyle& style) {
    QPen pen(lineColor(style), style.width);
    pen.setJoinStyle(Qt::RoundJoin);
    pen.setCapStyle(Qt::FlatCap);
    if (!style.dashes.isEmpty())
        pen.setDashPattern(style.dashes);
    return pen;
}

void paintLineSample(QPainter& painter, const QRectF& area, const LineStyle& style) {
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    if (!style.memoryTag.isEmpty()) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(lineColor(style));
        painter.drawRoundedRect(QRectF(area.left(), area.center().y() - kSquare / 2.0, kSquare, kSquare), 2.0, 2.0);
        painter.restore();
        return;
    }
    painter.setPen(linePen(style));
    const qreal y = std::floor(area.center().y()) + (style.width == 2.0 ? 0.0 : 0.5);
    painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
    if (style.hasRings)
        paintRing(painter, {area.center().x(), y}, style, false);
    painter.restore();
}

void paintRing(QPainter& painter, const QPointF& center, const LineStyle& style, bool isFilled) {
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor color = lineColor(style);
    const qreal diameter = isFilled ? kDot : kRing - style.width;
    painter.setPen(isFilled ? QPen(Qt::NoPen) : QPen(color, style.width));
    painter.setBrush(isFilled ? color : Theme::current().color(ColorToken::Surface));
    painter.drawEllipse(center, diameter / 2.0, diameter / 2.0);
    painter.restore();
}

LineSample::LineSample(LineStyle style, QWidget* parent) : QWidget(parent), m_style(std::move(style)) {
    setFixedSize(kSampleWidth, metrics::kIcon);
    connect(&Theme::current(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void LineSample::setLine(const LineStyle& style) {
    m_style = style;
    update();
}

void LineSample::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    paintLineSample(painter, rect(), m_style);
}

ChartLegend::ChartLegend(QWidget* parent) : QWidget(parent) {
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::kGrid);
}

void ChartLegend::addEntry(const QString& name, const LineStyle& style) {
    auto* row = static_cast<QHBoxLayout*>(layout());
    if (row->count() > 0)
        row->addSpacing(metrics::kGrid);
    row->addWidget(new LineSample(style));
    row->addWidget(makeLabel(name, LabelRole::Secondary));
}

} // namespace lorikeet::ui
