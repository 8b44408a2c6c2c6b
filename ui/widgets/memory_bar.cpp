// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/memory_bar.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

#include "ui/theme/theme.h"
#include "ui/widgets/format.h"

namespace lorikeet::ui {
namespace {

constexpr int kBar = 24;
constexpr int kSwatch = 8;
constexpr int kHatchStep = 6;
constexpr double kMark = 3.0; // the device's end stands out of the bar by so much

/// Lines from the lower left to the upper right.
void hatch(QPainter& painter, const QRectF& area, const QColor& color, double width) {
    painter.save();
    painter.setClipRect(area);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(color, width));
    for (double x = area.left() - area.height(); x < area.right(); x += kHatchStep)
        painter.drawLine(QPointF(x, area.bottom()), QPointF(x + area.height(), area.top()));
    painter.restore();
}

/// 1, 2, 4, 5, 8 or 10 times a power of ten, so that about three steps reach the end.
double niceStep(double end) {
    const double wanted = end / 3.0;
    const double decade = std::pow(10.0, std::floor(std::log10(wanted)));
    double best = decade;
    for (const double digit : {1.0, 2.0, 4.0, 5.0, 8.0, 10.0})
        if (std::abs(digit * decade - wanted) < std::abs(best - wanted))
            best = digit * decade;
    return best;
}

QColor tagColor(const QString& tag) {
    const Theme& theme = Theme::current();
    return tag.isEmpty() ? theme.color(ColorToken::Secondary) : memoryTagColor(tag, theme.scheme());
}

} // namespace

int64_t MemoryPicture::needed() const {
    int64_t sum = 0;
    for (const MemoryShare& share : shares)
        sum += share.bytes;
    return sum;
}

QString memoryPartTitle(const QString& tag) {
    return tag.isEmpty() ? MemoryBar::tr("Other programs") : memoryTagTitle(tag);
}

QPixmap memoryTagSwatch(const QString& tag, qreal devicePixelRatio) {
    QPixmap picture(QSize(kSwatch, kSwatch) * devicePixelRatio);
    picture.setDevicePixelRatio(devicePixelRatio);
    picture.fill(Qt::transparent);
    QPainter painter(&picture);
    const QRectF area(0, 0, kSwatch, kSwatch);
    if (tag.isEmpty()) {
        painter.fillRect(area, Theme::current().color(ColorToken::Selected));
        hatch(painter, area, tagColor(tag), 1.0);
    } else {
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(tagColor(tag));
        painter.drawRoundedRect(area, 2, 2);
    }
    return picture;
}

MemoryBar::MemoryBar(bool hasAxis, QWidget* parent) : QWidget(parent), m_hasAxis(hasAxis) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Memory by tag"));
    connect(&Theme::current(), &Theme::changed, this, QOverload<>::of(&QWidget::update));
}

void MemoryBar::setPicture(const MemoryPicture& picture) {
    if (m_picture == picture)
        return;
    m_picture = picture;
    QStringList words;
    for (const Part& part : parts())
        words.append(QStringLiteral("%1 %2").arg(memoryPartTitle(part.tag), formatMemory(part.bytes)));
    setAccessibleDescription(words.join(QStringLiteral(", ")));
    update();
}

QSize MemoryBar::minimumSizeHint() const {
    const int axis =
        m_hasAxis ? metrics::kInside + QFontMetrics(Theme::current().font(TextRole::Secondary)).height() : 0;
    return {8 * metrics::kPage, kBar + int(2 * kMark) + axis};
}

QSize MemoryBar::sizeHint() const {
    return minimumSizeHint();
}

int64_t MemoryBar::extent() const {
    return std::max<int64_t>({m_picture.device, m_picture.otherPrograms + m_picture.needed(), 1});
}

double MemoryBar::position(int64_t bytes) const {
    return width() * (double(bytes) / double(extent()));
}

QList<MemoryBar::Part> MemoryBar::parts() const {
    QList<Part> list;
    int64_t sum = 0;
    const auto add = [&](const QString& tag, int64_t bytes) {
        if (bytes <= 0)
            return;
        list.append({tag, bytes, position(sum), position(sum + bytes)});
        sum += bytes;
    };
    add({}, m_picture.otherPrograms);
    for (const MemoryShare& share : m_picture.shares)
        add(share.tag, share.bytes);
    return list;
}

void MemoryBar::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const Theme& theme = Theme::current();
    const QColor surface = theme.color(ColorToken::Surface);
    painter.fillRect(QRectF(0, kMark, width(), kBar), theme.color(ColorToken::Selected));
    const double end = position(m_picture.device);
    for (const Part& part : parts()) {
        const QRectF area(part.left, kMark, part.right - part.left, kBar);
        if (part.tag.isEmpty())
            hatch(painter, area, tagColor(part.tag), 1.0);
        else
            painter.fillRect(area, tagColor(part.tag));
        if (part.right > end && m_picture.device > 0) {
            const double from = std::max(end, part.left);
            hatch(painter, QRectF(from, kMark, part.right - from, kBar), surface, 2.0);
        }
    }
    for (const Part& part : parts()) // what is too thin for a gap of its own keeps its colour
        if (part.right - part.left > 2.0)
            painter.fillRect(QRectF(part.right - 1.0, kMark, 1.0, kBar), surface);
    if (end < width() && m_picture.device > 0)
        painter.fillRect(QRectF(end - 1.0, 0, 2.0, kBar + 2 * kMark), theme.color(ColorToken::Danger));
    if (m_hasAxis && m_picture.device > 0)
        paintAxis(painter);
}

void MemoryBar::paintAxis(QPainter& painter) const {
    const Theme& theme = Theme::current();
    painter.setFont(Theme::withTabularFigures(theme.font(TextRole::Secondary)));
    const QFontMetrics metrics(painter.font());
    const int top = kBar + int(2 * kMark) + metrics::kInside;
    const QString last = formatMemory(m_picture.device);
    // The unit of the end, which the other labels share.
    const double unit = std::pow(1024.0, std::floor(std::log2(double(m_picture.device) * 1.0005) / 10.0));
    const double total = double(m_picture.device) / unit;
    const int lastWidth = metrics.horizontalAdvance(last);
    const double end = position(m_picture.device);
    const double lastLeft = std::min(end - (end < width() ? lastWidth / 2.0 : lastWidth), double(width() - lastWidth));
    painter.setPen(theme.color(ColorToken::Secondary));
    for (double value = 0.0; value < total; value += niceStep(total)) {
        const QString label = QString::number(value, 'g', 3);
        const double half = metrics.horizontalAdvance(label) / 2.0;
        const double left = std::max(0.0, position(int64_t(value * unit)) - half);
        if (left + 2 * half + metrics::kGrid < lastLeft)
            painter.drawText(QPointF(left, top + metrics.ascent()), label);
    }
    if (end < width())
        painter.setPen(theme.color(ColorToken::Danger));
    painter.drawText(QPointF(lastLeft, top + metrics.ascent()), last);
}

bool MemoryBar::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    for (const Part& part : parts())
        if (help->pos().x() >= part.left && help->pos().x() < part.right) {
            QToolTip::showText(help->globalPos(),
                               QStringLiteral("%1 %2").arg(memoryPartTitle(part.tag), formatMemory(part.bytes)), this);
            return true;
        }
    QToolTip::hideText();
    return true;
}

} // namespace lorikeet::ui
