// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include "ui/charts/chart_view.h"
#include "ui/charts/plot_frame.h"

namespace lorikeet::ui {

/// One value of a group.
struct GroupPoint {
    QString mark; ///< beside the point where there is room: "64"
    QString text; ///< all about it: "NF4, blocks of 64: perplexity 8.07, 4.14 bits a weight"
    double value = 0.0;
};

/// Values that belong together, from left to right in the order given.
struct PointGroup {
    QString name;
    QString note; ///< below the name
    std::vector<GroupPoint> points;
};

/// Values side by side by group, those of a group joined by a line, over one axis. The mouse and the arrow keys go from
/// point to point and tell about each. GUI thread.
class GroupChart : public ChartView {
    Q_OBJECT
public:
    explicit GroupChart(const QString& name, QWidget* parent = nullptr);

    /// The table is what the groups are drawn from, in exact numbers.
    void setGroups(std::vector<PointGroup> groups, ChartTable table);
    /// A dashed line across; its value is on the axis.
    void setReference(std::optional<double> value);
    /// What is written where there is nothing to draw.
    void setHint(const QString& hint);
    const std::vector<PointGroup>& groups() const { return m_groups; }
    /// Where a point is drawn.
    QPointF position(size_t group, size_t point) const;

    ChartTable table() const override { return m_table; }
    QSize sizeHint() const override { return {320, 220}; }
    QSize minimumSizeHint() const override { return {160, 120}; }

protected:
    void draw(QPainter& painter, const QSize& size) override;
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    struct Place {
        size_t group = 0, point = 0;
        bool operator==(const Place&) const = default;
    };
    PlotFrame makeFrame(const QSizeF& size) const;
    QPointF pixel(const PlotFrame& frame, Place place) const;
    std::vector<Place> places() const;
    const GroupPoint& at(Place place) const { return m_groups[place.group].points[place.point]; }
    void setCurrent(std::optional<Place> place);
    void paintGroup(QPainter& painter, const PlotFrame& frame, size_t group) const;
    void paintMarks(QPainter& painter, const PlotFrame& frame, size_t group) const;
    void paintCurrent(QPainter& painter, const PlotFrame& frame) const;

    std::vector<PointGroup> m_groups;
    ChartTable m_table;
    std::optional<double> m_reference;
    QString m_hint;
    std::optional<Place> m_current;
};

} // namespace lorikeet::ui
