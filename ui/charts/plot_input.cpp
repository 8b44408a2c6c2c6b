// SPDX-License-Identifier: GPL-3.0-or-later
// What mouse and keys do in a chart.
#include <QFocusEvent>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QStyleHints>

#include <algorithm>
#include <cmath>

#include "ui/charts/plot.h"

namespace lorikeet::ui {
namespace {

constexpr double kZoomPerKey = 0.5;
constexpr int kStride = 10; // of the cursor, with Shift
/// A drag that is lower than this many pixels chooses steps only.
constexpr double kFlatDrag = 24.0;
constexpr double kShortDrag = 6.0;

} // namespace

void Plot::moveCursor(std::optional<double> x) {
    if (x == m_cursor)
        return;
    m_cursor = x;
    if (!x)
        scheduleRefresh(); // the axis may be fitted again
    QStringList words;
    if (x) {
        words.append(QStringLiteral("%1 %2").arg(m_xName, formatAxisValue(*x, m_xKind)));
        for (const CursorReading& reading : sortedReadings(*x))
            words.append(QStringLiteral("%1 %2").arg(reading.name, formatAxisValue(reading.value, m_yKind)));
        if (const QString note = m_note ? m_note(*x) : QString(); !note.isEmpty())
            words.append(note);
    }
    setAccessibleDescription(words.join(QStringLiteral(", ")));
    update();
    emit cursorMoved(x);
}

void Plot::mouseMoveEvent(QMouseEvent* event) {
    const PlotFrame& shown = frame();
    const QPointF position = event->position();
    if (m_press) {
        const double x = std::clamp(position.x(), shown.area.left(), shown.area.right());
        const double y = std::clamp(position.y(), shown.area.top(), shown.area.bottom());
        if (m_drag || (position - *m_press).manhattanLength() > kShortDrag)
            m_drag = QPointF(x, y);
        update();
        return;
    }
    m_hasMouse = shown.area.adjusted(-1, -1, 1, 1).contains(position);
    moveCursor(m_hasMouse ? snap(shown.valueX(position.x())) : std::nullopt);
}

void Plot::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton && frame().area.contains(event->position()))
        m_press = event->position();
}

void Plot::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton || !m_press)
        return;
    if (m_drag)
        zoomToDrag(*m_drag);
    else
        clickOnce(event->position());
    m_press.reset();
    m_drag.reset();
    update();
}

void Plot::clickOnce(const QPointF& position) {
    click(position, frame());
    if (const std::optional<double> x = snap(frame().valueX(position.x()))) {
        m_choice = *x;
        m_chooseTimer.start(QGuiApplication::styleHints()->mouseDoubleClickInterval());
    }
}

void Plot::zoomToDrag(const QPointF& end) {
    const PlotFrame& shown = frame();
    const QRectF drag = QRectF(*m_press, end).normalized();
    if (drag.width() < kShortDrag)
        return;
    const AxisRange x = {shown.valueX(drag.left()), shown.valueX(drag.right())};
    if (drag.height() < kFlatDrag)
        zoomTo(x);
    else
        zoomTo(x, AxisRange{shown.valueY(drag.bottom()), shown.valueY(drag.top())});
}

void Plot::mouseDoubleClickEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton)
        return;
    m_chooseTimer.stop();
    resetZoom();
}

void Plot::leaveEvent(QEvent*) {
    m_hasMouse = false;
    moveCursor({});
}

void Plot::keyPressEvent(QKeyEvent* event) {
    const int stride = event->modifiers().testFlag(Qt::ShiftModifier) ? kStride : 1;
    switch (event->key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        return zoomByKey(kZoomPerKey);
    case Qt::Key_Minus:
        return zoomByKey(1.0 / kZoomPerKey);
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (!m_cursor)
            break;
        for (const CursorReading& reading : sortedReadings(*m_cursor))
            if (reading.hasDot) {
                click({frame().pixelX(*m_cursor), frame().pixelY(reading.value)}, frame());
                break;
            }
        emit chosen(*m_cursor);
        return;
    case Qt::Key_Escape:
        if (m_zoomX)
            return resetZoom();
        if (m_cursor)
            return moveCursor({});
        break;
    default:
        if (moveByKey(event->key(), stride))
            return;
    }
    QWidget::keyPressEvent(event); // which ignores it: others may want it
}

bool Plot::moveByKey(int key, int stride) {
    const double middle = (m_x.low + m_x.high) / 2.0;
    switch (key) {
    case Qt::Key_Left:
        moveCursor(m_cursor ? step(*m_cursor, -stride) : snap(middle));
        break;
    case Qt::Key_Right:
        moveCursor(m_cursor ? step(*m_cursor, stride) : snap(middle));
        break;
    case Qt::Key_Home:
        moveCursor(snap(-HUGE_VAL));
        break;
    case Qt::Key_End:
        moveCursor(snap(HUGE_VAL));
        break;
    default:
        return false;
    }
    // A window that follows the cursor, where it leaves what is shown.
    if (m_zoomX && m_cursor && !m_zoomX->contains(*m_cursor)) {
        const double shift = *m_cursor - (*m_cursor < m_zoomX->low ? m_zoomX->low : m_zoomX->high);
        zoomTo({m_zoomX->low + shift, m_zoomX->high + shift}, m_zoomY);
    }
    return true;
}

void Plot::zoomByKey(double factor) {
    const double about = m_cursor.value_or((m_x.low + m_x.high) / 2.0);
    const AxisRange x = {about - (about - m_x.low) * factor, about + (m_x.high - about) * factor};
    const AxisRange home = m_zoomX ? fittedX(1) : m_x;
    if (x.span() >= home.span())
        resetZoom();
    else
        zoomTo({std::max(x.low, home.low), std::min(x.high, home.high)});
}

void Plot::hideEvent(QHideEvent* event) {
    // Where the mouse is, and that its button is let go, is told to others from here on.
    m_chooseTimer.stop();
    m_press.reset();
    m_drag.reset();
    m_hasMouse = false;
    moveCursor({});
    ChartView::hideEvent(event);
}

void Plot::focusOutEvent(QFocusEvent* event) {
    if (!m_hasMouse)
        moveCursor({});
    QWidget::focusOutEvent(event);
}

} // namespace lorikeet::ui
