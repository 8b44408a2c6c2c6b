// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/curve_points.h"
#include "ui/charts/plot.h"

namespace lorikeet::ui {

/// One line of a chart.
struct LineSpec {
    QString name;
    LineStyle style;
    bool isVisible = true;
    bool isFitted = true; ///< the y axis reaches its values
};

/// A point that stands out, with a label: the best evaluation.
struct Highlight {
    int series = 0;
    double x = 0.0;
    QString label;
};

/// Curves over a common x axis. Each series keeps its own points, in ascending x; a y of NaN is a gap. The curves are
/// drawn from a few thousand of them, however many there are.
class LineChart : public Plot {
    Q_OBJECT
public:
    explicit LineChart(const QString& name, QWidget* parent = nullptr);

    /// Its index. Later series are drawn over earlier ones.
    int addSeries(LineSpec spec);
    void clearSeries();
    int seriesCount() const { return int(m_series.size()); }
    const LineSpec& spec(int series) const { return m_series[size_t(series)].spec; }
    void setSpec(int series, LineSpec spec);
    void setSeriesVisible(int series, bool isVisible);

    /// Adds points to the end. A point whose x is not above the last one's, or is not finite, is left out.
    void append(int series, std::span<const QPointF> points);
    /// The same rule for the order of points.
    void replace(int series, std::vector<QPointF> points);
    const std::vector<QPointF>& points(int series) const { return m_series[size_t(series)].points.list(); }

    void setHighlight(std::optional<Highlight> highlight);

    ChartTable table() const override;

signals:
    /// The user clicked a point, or pressed Return with the cursor on it.
    void pointClicked(int series, double x);

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
    struct Series {
        LineSpec spec;
        CurvePoints points;
    };
    /// The series shown that has the most points, of those with a value.
    const Series* densest() const;
    void paintHighlight(QPainter& painter, const PlotFrame& frame) const;

    std::vector<Series> m_series;
    std::optional<Highlight> m_highlight;
    std::vector<std::pair<QPointF, const Series*>> m_loners; ///< points without neighbours, of what is drawn
};

} // namespace lorikeet::ui
