// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/histogram.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

#include "ui/theme/theme.h"

namespace lorikeet::ui {
namespace {

constexpr double kHandle = 8.0;
constexpr double kGrip = 8.0; // pixels beside the line at which it can be taken
constexpr int kStride = 10;

} // namespace

Histogram::Histogram(const QString& name, QWidget* parent) : ChartView(name, parent) {}

void Histogram::setAxis(AxisKind kind, const QString& sizeName, const QString& countName) {
    m_kind = kind;
    m_sizeName = sizeName;
    m_countName = countName;
    update();
}

void Histogram::setBins(std::vector<HistogramBin> bins) {
    m_bins = std::move(bins);
    update();
    emit refreshed();
}

void Histogram::setLevels(std::vector<double> levels) {
    m_levels = std::move(levels);
    update();
}

void Histogram::setCutOff(std::optional<CutOff> cutOff) {
    if (m_drags)
        return; // the hand is right
    m_cutOff = cutOff;
    setAccessibleDescription(cutOffText());
    update();
}

void Histogram::setCutOffLabel(std::function<QString(double)> label) {
    m_label = std::move(label);
    setAccessibleDescription(cutOffText());
    update();
}

QString Histogram::cutOffText() const {
    return m_label && m_cutOff ? m_label(m_cutOff->value) : QString();
}

ChartTable Histogram::table() const {
    ChartTable table;
    table.columns = {{tr("%1 from").arg(m_sizeName), m_kind, {}},
                     {tr("%1 to").arg(m_sizeName), m_kind, {}},
                     {m_countName, AxisKind::Count, {}}};
    for (const HistogramBin& bin : m_bins) {
        table.columns[0].values.push_back(bin.low);
        table.columns[1].values.push_back(bin.high);
        table.columns[2].values.push_back(bin.count);
    }
    return table;
}

PlotFrame Histogram::makeFrame(const QSizeF& size) const {
    AxisRange x = {0.0, 1.0};
    double most = 0.0;
    if (!m_bins.empty()) {
        x = {m_bins.front().low, m_bins.back().high};
        if (m_kind != AxisKind::Number) // what is counted begins at nothing
            x.low = std::min(0.0, x.low);
        for (const HistogramBin& bin : m_bins)
            most = std::max(most, bin.count);
    }
    if (m_cutOff)
        x.high = std::max(x.high, m_cutOff->value);
    if (!(x.span() > 0.0))
        x.high = x.low + 1.0;
    const AxisRange y =
        most > 0.0 ? niceRange({0.0, most}, AxisKind::Count, yIntervals(size.height() - 40.0)) : AxisRange{0.0, 1.0};
    PlotFrame frame = makePlotFrame(size, x, y, {m_kind, AxisKind::Count, false});
    if (m_cutOff) // room for the handle and its words
        frame.area.setTop(frame.area.top() + kHandle);
    return frame;
}

const PlotFrame& Histogram::frame() {
    m_frame = makeFrame(size());
    return m_frame;
}

void Histogram::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    draw(painter, size());
    paintFocus(painter);
}

void Histogram::draw(QPainter& painter, const QSize& size) {
    const PlotFrame frame = makeFrame(size);
    paintAxes(painter, frame);
    const Theme& theme = Theme::current();
    for (const HistogramBin& bin : m_bins) {
        if (bin.count <= 0.0)
            continue;
        const bool isLost = m_cutOff && bin.low >= m_cutOff->value;
        const double left = frame.pixelX(bin.low), right = frame.pixelX(bin.high);
        // A pixel between bars, where they are wide enough; a count that is not 0 is seen.
        const double gap = right - left > 3.0 ? 1.0 : 0.0;
        const double top = std::min(frame.pixelY(bin.count), frame.area.bottom() - 1.5);
        painter.fillRect(QRectF(left, top, right - left - gap, frame.area.bottom() - top),
                         isLost ? theme.color(ColorToken::Danger) : seriesColor(0, theme.scheme()));
    }
    painter.setPen(theme.color(ColorToken::Text));
    for (const double level : m_levels)
        if (frame.x.contains(level)) {
            const double x = crisp(frame.pixelX(level));
            painter.drawLine(QPointF(x, frame.area.top()), QPointF(x, frame.area.bottom()));
        }
    if (m_cutOff)
        paintCutOff(painter, frame);
}

void Histogram::paintCutOff(QPainter& painter, const PlotFrame& frame) const {
    const QColor danger = Theme::current().color(ColorToken::Danger);
    const double x = crisp(frame.pixelX(m_cutOff->value));
    const double top = frame.area.top() - kHandle;
    painter.setPen(QPen(danger, 1.0));
    painter.drawLine(QPointF(x, top), QPointF(x, frame.area.bottom()));
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(danger);
    painter.drawRoundedRect(QRectF(x - kHandle / 2.0, top - kHandle / 2.0, kHandle, kHandle), 2.0, 2.0);
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setFont(chartFont());
    painter.setPen(Theme::current().color(ColorToken::Text));
    const QFontMetricsF text(painter.font());
    const double width = text.horizontalAdvance(cutOffText());
    const bool fitsLeft = x - kHandle - width >= 0.0;
    painter.drawText(QPointF(fitsLeft ? x - kHandle - width : x + kHandle, top - text.height() / 2.0 + text.ascent()),
                     cutOffText());
}

bool Histogram::isAtLine(const QPointF& position) {
    return m_cutOff && std::abs(position.x() - frame().pixelX(m_cutOff->value)) <= kGrip;
}

void Histogram::moveCutOff(double value) {
    value = std::clamp(std::round(value / m_cutOff->step) * m_cutOff->step, m_cutOff->range.low, m_cutOff->range.high);
    if (value == m_cutOff->value)
        return;
    m_cutOff->value = value;
    setAccessibleDescription(cutOffText());
    update();
    emit cutOffMoved(value);
}

bool Histogram::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const double x = frame().valueX(help->pos().x());
    for (const HistogramBin& bin : m_bins)
        if (x >= bin.low && x < bin.high && m_frame.area.contains(help->pos())) {
            QToolTip::showText(help->globalPos(),
                               tr("%1 %2 to %3: %4 %5")
                                   .arg(m_sizeName, formatAxisValue(bin.low, m_kind), formatAxisValue(bin.high, m_kind),
                                        formatAxisValue(bin.count, AxisKind::Count), m_countName),
                               this);
            return true;
        }
    QToolTip::hideText();
    return true;
}

void Histogram::mousePressEvent(QMouseEvent* event) {
    m_drags = event->button() == Qt::LeftButton && isAtLine(event->position());
}

void Histogram::mouseMoveEvent(QMouseEvent* event) {
    if (m_drags)
        moveCutOff(frame().valueX(event->position().x()));
    else
        setCursor(isAtLine(event->position()) ? Qt::SplitHCursor : Qt::ArrowCursor);
}

void Histogram::mouseReleaseEvent(QMouseEvent*) {
    if (std::exchange(m_drags, false))
        emit cutOffChosen(m_cutOff->value);
}

void Histogram::keyPressEvent(QKeyEvent* event) {
    const bool isLeft = event->key() == Qt::Key_Left, isRight = event->key() == Qt::Key_Right;
    if (!m_cutOff || (!isLeft && !isRight))
        return QWidget::keyPressEvent(event);
    const double stride = m_cutOff->step * (event->modifiers().testFlag(Qt::ShiftModifier) ? kStride : 1);
    moveCutOff(m_cutOff->value + (isRight ? stride : -stride));
}

void Histogram::keyReleaseEvent(QKeyEvent* event) {
    const bool isArrow = event->key() == Qt::Key_Left || event->key() == Qt::Key_Right;
    if (!m_cutOff || !isArrow || event->isAutoRepeat())
        return QWidget::keyReleaseEvent(event);
    emit cutOffChosen(m_cutOff->value);
}

} // namespace lorikeet::ui
