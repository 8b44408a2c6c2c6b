// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/sparkline.h"

#include <QApplication>
#include <QPainter>

#include <algorithm>
#include <cmath>
#include <optional>

#include "ui/charts/chart_axis.h"
#include "ui/charts/line_style.h"
#include "ui/theme/theme.h"

namespace lorikeet::ui {
namespace {

constexpr QSize kSize = {88, 24};
constexpr double kMargin = 2.0;    // above and below, so that the line is not cut
constexpr double kLargest = 1e300; // of which differences are still finite

bool canBeDrawn(const QPointF& point) {
    return std::abs(point.y()) <= kLargest;
}

} // namespace

void paintSparkline(QPainter& painter, const QRectF& area, const QList<QPointF>& points, int color) {
    std::optional<AxisRange> y;
    for (const QPointF& point : points)
        if (canBeDrawn(point))
            y = y ? AxisRange{std::min(y->low, point.y()), std::max(y->high, point.y())}
                  : AxisRange{point.y(), point.y()};
    if (!y)
        return;
    const double first = points.first().x(), last = points.last().x();
    const auto place = [&](const QPointF& point) {
        const double right = last > first ? (point.x() - first) / (last - first) : 0.5;
        const double up = y->span() > 0.0 ? (point.y() - y->low) / y->span() : 0.5;
        return QPointF(area.left() + right * area.width(),
                       area.bottom() - kMargin - up * (area.height() - 2.0 * kMargin));
    };
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(linePen(thinLine(color)));
    QPolygonF piece;
    const auto drawPiece = [&] {
        if (piece.size() == 1)
            painter.drawEllipse(piece.first(), 0.5, 0.5);
        painter.drawPolyline(piece);
        piece.clear();
    };
    for (const QPointF& point : points) {
        if (canBeDrawn(point))
            piece.append(place(point));
        else
            drawPiece();
    }
    drawPiece();
    painter.restore();
}

SparklineDelegate::SparklineDelegate(int role, QObject* parent) : QStyledItemDelegate(parent), m_role(role) {}

void SparklineDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    QStyleOptionViewItem ground = option;
    initStyleOption(&ground, index);
    ground.text.clear();
    const QWidget* widget = option.widget;
    QStyle* style = widget ? widget->style() : QApplication::style();
    style->drawControl(QStyle::CE_ItemViewItem, &ground, painter, widget);
    QRect area(QPoint(), kSize);
    area.moveCenter(option.rect.center());
    area.moveLeft(option.rect.left() + metrics::kGrid);
    paintSparkline(*painter, area & option.rect, index.data(m_role).value<QList<QPointF>>());
}

QSize SparklineDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const {
    return kSize + QSize(2 * metrics::kGrid, metrics::kGrid);
}

Sparkline::Sparkline(const QString& name, QWidget* parent) : QWidget(parent) {
    setAccessibleName(name);
    setFixedSize(kSize);
    connect(&Theme::current(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void Sparkline::setPoints(const QList<QPointF>& points) {
    m_points = points;
    update();
}

void Sparkline::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    paintSparkline(painter, rect(), m_points);
}

} // namespace lorikeet::ui
