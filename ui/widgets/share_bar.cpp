// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/share_bar.h"

#include <QPainter>
#include <QPainterPath>

#include "ui/theme/theme.h"

namespace lorikeet::ui {

ShareBar::ShareBar(const QString& name, QWidget* parent) : QWidget(parent) {
    setAccessibleName(name);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void ShareBar::setParts(QList<Part> parts, const QString& description) {
    m_parts = std::move(parts);
    setAccessibleDescription(description);
    setToolTip(description);
    update();
}

QSize ShareBar::sizeHint() const {
    return {80, metrics::kGrid};
}

void ShareBar::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QPainterPath outline;
    outline.addRoundedRect(rect(), metrics::kInside, metrics::kInside);
    painter.setClipPath(outline);
    painter.fillRect(rect(), Theme::current().color(ColorToken::Selected));
    double x = 0.0;
    for (const Part& part : qAsConst(m_parts)) {
        const double width = part.share * rect().width();
        painter.fillRect(QRectF(x, 0, std::max(0.0, width - 1.0), height()), part.color());
        x += width;
    }
}

} // namespace lorikeet::ui
