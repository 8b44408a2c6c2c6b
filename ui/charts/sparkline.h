// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointF>
#include <QStyledItemDelegate>
#include <QWidget>

namespace lorikeet::ui {

/// A curve as small as a word: no axes, as high as its own values reach.
void paintSparkline(QPainter& painter, const QRectF& area, const QList<QPointF>& points, int color = 0);

/// Draws the QList<QPointF> that a model has in Qt::DisplayRole, or in `role`, as a sparkline.
class SparklineDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    explicit SparklineDelegate(int role = Qt::DisplayRole, QObject* parent = nullptr);

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

private:
    int m_role;
};

/// A sparkline in a layout; 88 x 24.
class Sparkline : public QWidget {
    Q_OBJECT
public:
    explicit Sparkline(const QString& name, QWidget* parent = nullptr);

    void setPoints(const QList<QPointF>& points);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QList<QPointF> m_points;
};

} // namespace lorikeet::ui
