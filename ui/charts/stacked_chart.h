// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/curve_points.h"
#include "ui/charts/plot.h"

namespace lorikeet::ui {

/// One moment of a stack: a value for each of its layers.
struct StackSample {
    double x = 0.0;
    std::vector<double> values; ///< in the order of the tags; missing ones are 0
};

/// Memory by tag as areas on each other, the first tag lowest. Where there are more moments than pixels, those with the
/// lowest and the highest total are drawn, each whole, so that the layers add up.
class StackedChart : public Plot {
    Q_OBJECT
public:
    /// `tags`: as memoryTagOrder() names them.
    StackedChart(const QString& name, QStringList tags, QWidget* parent = nullptr);

    /// Adds moments to the end; one whose x is not above the last one's is left out.
    void append(const std::vector<StackSample>& samples);
    void clear();
    const QStringList& tags() const { return m_tags; }

    ChartTable table() const override;

protected:
    std::optional<AxisRange> xReach() const override;
    std::optional<AxisRange> yReach(std::optional<AxisRange> x, bool onlyPositive) const override;
    void fill(PlotCanvas& canvas, const PlotFrame& frame) override;
    void paintMarks(QPainter& painter, const PlotFrame& frame) override;
    std::vector<CursorReading> readings(double x) const override;
    std::optional<double> snap(double x) const override;
    std::optional<double> step(double x, int count) const override;
    void click(const QPointF& position, const PlotFrame& frame) override;

private:
    /// Value of a layer at a moment.
    double value(size_t moment, size_t layer) const { return m_values[moment * size_t(m_tags.size()) + layer]; }
    /// The moments that are drawn.
    std::vector<size_t> chosen(AxisRange x, int columns) const;

    QStringList m_tags;
    CurvePoints m_totals;         ///< one for each moment
    std::vector<double> m_values; ///< (moments, tags)
};

} // namespace lorikeet::ui
