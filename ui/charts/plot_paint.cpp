// SPDX-License-Identifier: GPL-3.0-or-later
// How a chart looks around its lines.
#include <QPainter>

#include <algorithm>
#include <cmath>

#include "ui/charts/plot.h"
#include "ui/charts/plot_canvas.h"
#include "ui/theme/theme.h"

namespace lorikeet::ui {
namespace {

constexpr double kReferenceWidth = 1.5;
constexpr double kBoxRadius = 4.0;
constexpr double kBoxPadding = 12.0;
constexpr double kBoxRow = 4.0; // between lines of text
constexpr double kSample = 24.0;
constexpr double kCursorDot = 3.5;

QColor tone(ColorToken token) {
    return Theme::current().color(token);
}

} // namespace

void Plot::paintPlot(QPainter& painter, const PlotFrame& frame) {
    paintAxes(painter, frame);
    m_canvas->begin(frame.area, frame.x, {frame.onAxis(frame.y.low), frame.onAxis(frame.y.high)});
    fill(*m_canvas, frame);
    m_canvas->end();
    m_canvas->paint(painter);
    paintReferences(painter, frame);
    paintMarks(painter, frame);
}

void Plot::paintReferences(QPainter& painter, const PlotFrame& frame) const {
    painter.save();
    painter.setFont(chartFont());
    const QFontMetricsF text(painter.font());
    const QRectF& area = frame.area;
    for (const VerticalMark& mark : m_marks) {
        if (!frame.x.contains(mark.x))
            continue;
        const double x = crisp(frame.pixelX(mark.x));
        QPen pen(tone(ColorToken::Secondary), 1.0);
        pen.setDashPattern({1.0, 2.0});
        painter.setPen(pen);
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
        painter.setPen(tone(ColorToken::Secondary));
        const double width = text.horizontalAdvance(mark.label) + metrics::kGrid;
        const double left = x + width > area.right() ? x - width : x + metrics::kGrid;
        painter.drawText(QPointF(left, area.top() + text.ascent() + 1.0), mark.label);
    }
    for (const ReferenceLine& line : m_references) {
        if (!frame.y.contains(line.value) || (frame.isLogarithmic && line.value <= 0.0))
            continue;
        const double y = std::round(frame.pixelY(line.value)) + 0.25;
        QPen pen(tone(ColorToken::Text), kReferenceWidth);
        pen.setDashPattern({6.0 / kReferenceWidth, 4.0 / kReferenceWidth});
        pen.setCapStyle(Qt::FlatCap);
        painter.setPen(pen);
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
        painter.setPen(tone(ColorToken::Text));
        const double above = y - kReferenceWidth - text.descent() - 1.0;
        const double baseline = above - text.ascent() < 0.0 ? y + kReferenceWidth + text.ascent() : above;
        painter.drawText(QPointF(area.right() - text.horizontalAdvance(line.label), baseline), line.label);
    }
    painter.restore();
}

void Plot::paintEvent(QPaintEvent*) {
    frame();
    QPainter painter(this);
    painter.drawPixmap(0, 0, m_picture);
    if (m_drag && m_press) {
        QRectF drag = QRectF(*m_press, *m_drag).normalized();
        QColor shade = tone(ColorToken::Accent);
        painter.setPen(shade);
        shade.setAlphaF(0.12F);
        painter.setBrush(shade);
        painter.drawRect(drag);
    } else if (m_cursor && frame().x.contains(*m_cursor)) {
        paintCursor(painter);
    }
    paintFocus(painter);
}

void Plot::paintCursor(QPainter& painter) const {
    const QRectF& area = m_frame.area;
    const double x = crisp(m_frame.pixelX(*m_cursor));
    painter.setPen(tone(ColorToken::Text));
    painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
    const std::vector<CursorReading> shown = sortedReadings(*m_cursor);
    painter.setRenderHint(QPainter::Antialiasing);
    for (const CursorReading& reading : shown) {
        if (!reading.hasDot || !m_frame.y.contains(reading.value))
            continue;
        painter.setPen(QPen(tone(ColorToken::Surface), 1.0));
        painter.setBrush(lineColor(reading.style));
        painter.drawEllipse(QPointF(x, m_frame.pixelY(reading.value)), kCursorDot + 1.0, kCursorDot + 1.0);
    }
    if (!shown.empty())
        paintCursorBox(painter, x, shown);
}

void Plot::paintCursorBox(QPainter& painter, double x, const std::vector<CursorReading>& readings) const {
    const QFontMetricsF text(chartFont()), strong(chartFont(QFont::DemiBold));
    const QString title = QStringLiteral("%1 %2").arg(m_xName, formatAxisValue(*m_cursor, m_xKind));
    const QString note = m_note ? m_note(*m_cursor) : QString();
    const double sample = m_showsLines ? kSample + metrics::kGrid : 0.0;
    double names = 0.0, values = 0.0;
    for (const CursorReading& reading : readings) {
        names = std::max(names, text.horizontalAdvance(reading.name));
        values = std::max(values, text.horizontalAdvance(formatAxisValue(reading.value, m_yKind)));
    }
    const double titleWidth =
        strong.horizontalAdvance(title) + (note.isEmpty() ? 0.0 : metrics::kPage + text.horizontalAdvance(note));
    const double limit = std::max(m_frame.area.width() / 2.0, 120.0);
    const double inside = std::min(std::max(titleWidth, sample + names + metrics::kPage + values), limit);
    const double row = text.height() + kBoxRow;
    // Where the chart is low only the readings are told; the chart under the mouse tells the rest.
    const bool hasTitle = row * double(readings.size() + 1) + 2.0 * kBoxPadding <= 0.8 * m_frame.area.height();
    const double padding = hasTitle ? kBoxPadding : double(metrics::kInside);
    const double rows = double(readings.size()) + (hasTitle ? 1.0 : 0.0);
    QRectF box(0.0, 0.0, std::round(inside + 2.0 * padding), std::round(row * rows + 2.0 * padding - kBoxRow));
    const bool fitsRight = x + metrics::kGrid + box.width() <= width() - 1.0;
    box.moveTopLeft({fitsRight ? x + metrics::kGrid : std::max(0.5, x - metrics::kGrid - box.width()),
                     std::min(m_frame.area.top() + metrics::kInside + 0.5, height() - 1.0 - box.height())});
    painter.setPen(tone(ColorToken::ControlBorder));
    painter.setBrush(tone(ColorToken::Surface));
    painter.drawRoundedRect(box, kBoxRadius, kBoxRadius);

    QRectF line = box.adjusted(padding, padding, -padding, 0.0);
    line.setHeight(text.height());
    if (hasTitle) {
        painter.setFont(chartFont(QFont::DemiBold));
        painter.setPen(tone(ColorToken::Text));
        painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter, title);
        painter.setFont(chartFont());
        painter.setPen(tone(ColorToken::Secondary));
        painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter, note);
        line.translate(0.0, row);
    }
    painter.setFont(chartFont());
    for (const CursorReading& reading : readings) {
        if (m_showsLines)
            paintLineSample(painter, {line.left(), line.top(), kSample, line.height()}, reading.style);
        const QRectF name = line.adjusted(sample, 0.0, -values - metrics::kGrid, 0.0);
        painter.setPen(tone(m_showsLines ? ColorToken::Text : ColorToken::Secondary));
        painter.drawText(name, Qt::AlignLeft | Qt::AlignVCenter,
                         text.elidedText(reading.name, Qt::ElideMiddle, name.width()));
        painter.setPen(tone(ColorToken::Text));
        painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter, formatAxisValue(reading.value, m_yKind));
        line.translate(0.0, row);
    }
}

} // namespace lorikeet::ui
