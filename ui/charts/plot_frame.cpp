// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/plot_frame.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>
#include <cmath>

#include "ui/theme/theme.h"

namespace lorikeet::ui {
namespace {

constexpr int kPixelsPerYTick = 34;
constexpr int kPixelsPerXTick = 64;
constexpr double kTick = 4.0;
constexpr double kFocusRing = 2.0;
constexpr double kRingRoom = 3.0; // left of the labels and right of the chart

QColor tone(ColorToken token) {
    return Theme::current().color(token);
}

} // namespace

double PlotFrame::onAxis(double value) const {
    return isLogarithmic ? std::log10(value) : value;
}

double PlotFrame::pixelY(double value) const {
    const double low = onAxis(y.low), high = onAxis(y.high);
    return area.bottom() - (onAxis(value) - low) / (high - low) * area.height();
}

double PlotFrame::valueY(double pixel) const {
    const double low = onAxis(y.low), high = onAxis(y.high);
    const double value = low + (area.bottom() - pixel) / area.height() * (high - low);
    return isLogarithmic ? std::pow(10.0, value) : value;
}

int xIntervals(double width) {
    return std::max(2, int(width / kPixelsPerXTick));
}

int yIntervals(double height) {
    return std::max(2, int(height / kPixelsPerYTick));
}

QFont chartFont(QFont::Weight weight) {
    QFont font = Theme::withTabularFigures(Theme::current().font(TextRole::Secondary));
    font.setWeight(weight);
    return font;
}

double crisp(double coordinate) {
    return std::floor(coordinate) + 0.5;
}

PlotFrame makePlotFrame(const QSizeF& size, AxisRange x, AxisRange y, const PlotAxes& axes) {
    const QFontMetricsF text(chartFont());
    const double top = std::round(text.height() / 2.0 + 1.0);
    const double height = std::max(1.0, std::round(size.height() - top - text.height() - metrics::kGrid - kRingRoom));
    PlotFrame frame;
    frame.x = x;
    frame.y = y;
    frame.isLogarithmic = axes.isLogarithmic;
    frame.yTicks = axes.isLogarithmic ? logTicks(y, axes.yKind, yIntervals(height))
                                      : linearTicks(y, axes.yKind, yIntervals(height));
    double labels = 0.0;
    for (const QString& label : frame.yTicks.labels)
        labels = std::max(labels, text.horizontalAdvance(label));
    const double left = std::ceil(labels) + metrics::kGrid + kRingRoom;
    frame.area = QRectF(left, top, std::max(1.0, size.width() - left - kRingRoom), height);
    frame.xTicks = linearTicks(x, axes.xKind, xIntervals(frame.area.width()));
    return frame;
}

void paintAxes(QPainter& painter, const PlotFrame& frame) {
    painter.setFont(chartFont());
    const QFontMetricsF text(painter.font());
    const QRectF& area = frame.area;
    for (qsizetype i = 0; i < frame.yTicks.values.size(); ++i) {
        const double y = crisp(std::min(frame.pixelY(frame.yTicks.values[i]), area.bottom()));
        painter.setPen(tone(ColorToken::ChartGrid));
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
        painter.setPen(tone(ColorToken::Secondary));
        painter.drawText(QRectF(0.0, y - text.height() / 2.0, area.left() - metrics::kGrid, text.height()),
                         Qt::AlignRight | Qt::AlignVCenter | Qt::TextDontClip, frame.yTicks.labels[i]);
    }
    double right = -1e9; // where the label before ends
    for (qsizetype i = 0; i < frame.xTicks.values.size(); ++i) {
        const double x = crisp(frame.pixelX(frame.xTicks.values[i]));
        painter.setPen(tone(ColorToken::ChartGrid));
        painter.drawLine(QPointF(x, area.bottom()), QPointF(x, area.bottom() + kTick));
        const QString& label = frame.xTicks.labels[i];
        const double width = text.horizontalAdvance(label);
        const double left = std::min(x - width / 2.0, area.right() + 1.0 - width);
        if (left < right + metrics::kGrid)
            continue;
        right = left + width;
        painter.setPen(tone(ColorToken::Secondary));
        painter.drawText(QPointF(left, area.bottom() + metrics::kGrid - 1.0 + text.ascent()), label);
    }
}

void paintFocusRing(QPainter& painter, const QRectF& area) {
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(tone(ColorToken::Accent), kFocusRing));
    const double half = kFocusRing / 2.0;
    painter.drawRoundedRect(area.adjusted(half, half, -half, -half), metrics::kInside, metrics::kInside);
    painter.restore();
}

} // namespace lorikeet::ui
