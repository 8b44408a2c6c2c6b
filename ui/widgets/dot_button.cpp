// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/dot_button.h"

#include <QPainter>

#include "ui/theme/theme.h"

namespace lorikeet::ui {

DotButton::DotButton(QWidget* parent) : QToolButton(parent) {
    setFixedSize(metrics::kIcon, metrics::kIcon);
    setFocusPolicy(Qt::StrongFocus);
    QSizePolicy keeps = sizePolicy();
    keeps.setRetainSizeWhenHidden(true); // so that nothing moves while one types
    setSizePolicy(keeps);
    hide();
}

void DotButton::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Theme& theme = Theme::current();
    if (hasFocus()) {
        painter.setPen(QPen(theme.color(ColorToken::Accent), 2));
        painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), metrics::kInside, metrics::kInside);
    }
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.color(ColorToken::Accent));
    painter.drawEllipse(QRectF(rect()).center(), 3.0, 3.0);
}

} // namespace lorikeet::ui
