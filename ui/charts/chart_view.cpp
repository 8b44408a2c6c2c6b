// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/chart_view.h"

#include <QFocusEvent>
#include <QPainter>

#include "ui/charts/plot_frame.h"
#include "ui/theme/theme.h"

namespace lorikeet::ui {

ChartView::ChartView(const QString& name, QWidget* parent) : QWidget(parent) {
    setAccessibleName(name);
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    connect(&Theme::current(), &Theme::changed, this, &ChartView::restyle);
}

QPixmap ChartView::picture(const QSize& size, qreal ratio) {
    if (size.isEmpty())
        return {};
    QPixmap picture(size * ratio);
    picture.setDevicePixelRatio(ratio);
    picture.fill(Theme::current().color(ColorToken::Surface));
    QPainter painter(&picture);
    draw(painter, size);
    return picture;
}

void ChartView::paintFocus(QPainter& painter) const {
    if (m_hasFocusRing && hasFocus())
        paintFocusRing(painter, rect());
}

void ChartView::focusInEvent(QFocusEvent* event) {
    m_hasFocusRing = event->reason() != Qt::MouseFocusReason;
    QWidget::focusInEvent(event);
}

void ChartView::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange)
        restyle();
}

} // namespace lorikeet::ui
