// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QWidget>

#include <optional>

#include "ui/theme/tokens.h"

class QPainter;
class QPen;

namespace lorikeet::ui {

/// How a line of a chart is drawn.
struct LineStyle {
    int color = 0;                   ///< index of the series colours
    std::optional<ColorToken> token; ///< instead of it
    QString memoryTag;               ///< instead of either: an area, whose sample is a square
    QList<qreal> dashes;             ///< in units of the width; empty: solid
    qreal width = 2.0;
    qreal opacity = 1.0;
    bool hasRings = false; ///< around each point
};

/// What each step measured: thin and pale.
LineStyle rawLine(int color);
LineStyle smoothedLine(int color);
/// What evaluations measured: dashed, a ring at each.
LineStyle evaluationLine(int color);
/// A run among others, told apart without its colour by its dashes.
LineStyle comparedLine(int index);
/// The one line of a small chart.
LineStyle thinLine(int color);

QColor lineColor(const LineStyle& style);
QPen linePen(const LineStyle& style);
/// A piece of the line, as legends show it, in the middle of `area`.
void paintLineSample(QPainter& painter, const QRectF& area, const LineStyle& style);
/// The ring around a point, or the dot of one that stands out.
void paintRing(QPainter& painter, const QPointF& center, const LineStyle& style, bool isFilled);

/// A piece of a line, for legends and heads of columns.
class LineSample : public QWidget {
    Q_OBJECT
public:
    explicit LineSample(LineStyle style, QWidget* parent = nullptr);

    void setLine(const LineStyle& style);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    LineStyle m_style;
};

/// Samples of lines with their names, side by side.
class ChartLegend : public QWidget {
    Q_OBJECT
public:
    explicit ChartLegend(QWidget* parent = nullptr);

    void addEntry(const QString& name, const LineStyle& style);
};

} // namespace lorikeet::ui
