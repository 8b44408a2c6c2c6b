// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPixmap>
#include <QWidget>

#include "ui/charts/chart_table.h"

namespace lorikeet::ui {

/// What every chart is: a widget with a name that Tab reaches and that follows the theme, whose values can be had as a
/// table and whose picture in any size. GUI thread.
class ChartView : public QWidget {
    Q_OBJECT
public:
    /// `name`: what a screen reader calls it.
    explicit ChartView(const QString& name, QWidget* parent = nullptr);

    /// What is shown, in exact numbers.
    virtual ChartTable table() const = 0;
    /// The chart, `size` pixels at `ratio` device pixels each; null where there is no room for any.
    QPixmap picture(const QSize& size, qreal ratio);

signals:
    /// Other data than before are drawn.
    void refreshed();

protected:
    /// Draws all but what the mouse and the keyboard bring.
    virtual void draw(QPainter& painter, const QSize& size) = 0;
    /// What is drawn by other colours or fonts.
    virtual void restyle() { update(); }
    /// Around the chart, where keys brought the focus here.
    void paintFocus(QPainter& painter) const;

    void focusInEvent(QFocusEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    bool m_hasFocusRing = false;
};

} // namespace lorikeet::ui
