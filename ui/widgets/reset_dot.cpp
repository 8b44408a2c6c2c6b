// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/reset_dot.h"

#include <QPainter>

#include "ui/theme/theme.h"

namespace lorikeet::ui {
namespace {

constexpr double kRadius = 3.0;

void paintDot(QPainter& painter, const QRect& area) {
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(Theme::current().color(ColorToken::Accent));
    painter.drawEllipse(QRectF(area).center(), kRadius, kRadius);
}

} // namespace

ResetDot::ResetDot(QWidget* parent) : QToolButton(parent) {
    setProperty("kind", QStringLiteral("dot"));
    setFixedSize(metrics::kIcon, metrics::kIcon);
    QSizePolicy keeps = sizePolicy();
    keeps.setRetainSizeWhenHidden(true);
    setSizePolicy(keeps);
    setFocusPolicy(Qt::StrongFocus);
    hide();
}

void ResetDot::setDiffers(bool differs, const QString& setting, const QString& defaultText) {
    setVisible(differs);
    const QString reset =
        defaultText.isEmpty() ? tr("Reset to the default") : tr("Reset to the default, %1").arg(defaultText);
    setToolTip(reset);
    setAccessibleName(QStringLiteral("%1: %2").arg(setting, reset));
}

void ResetDot::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Theme& theme = Theme::current();
    if (hasFocus()) {
        painter.setPen(QPen(theme.color(ColorToken::Accent), 2));
        painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), metrics::kInside, metrics::kInside);
    }
    paintDot(painter, rect());
}

ChangedMark::ChangedMark(QWidget* parent) : QWidget(parent) {
    setFixedSize(metrics::kGrid, metrics::kGrid);
    connect(&Theme::current(), &Theme::changed, this, QOverload<>::of(&QWidget::update));
}

void ChangedMark::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    paintDot(painter, rect());
}

} // namespace lorikeet::ui
