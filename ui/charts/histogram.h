// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "ui/charts/chart_view.h"
#include "ui/charts/plot_frame.h"

namespace lorikeet::ui {

struct HistogramBin {
    double low = 0.0, high = 0.0;
    double count = 0.0;
};

/// A line that cuts a histogram off; what lies beyond is drawn as lost.
struct CutOff {
    double value = 0.0;
    AxisRange range;   ///< where it may stand
    double step = 1.0; ///< it stands at multiples of this, besides the ends of its range
};

/// Bars, with a cut-off line that is dragged or moved by the arrow keys (Shift: by ten steps), and levels as vertical
/// lines. GUI thread.
class Histogram : public ChartView {
    Q_OBJECT
public:
    explicit Histogram(const QString& name, QWidget* parent = nullptr);

    /// What is counted by which size: "Length in tokens", "Rows".
    void setAxis(AxisKind kind, const QString& sizeName, const QString& countName);
    /// In ascending order.
    void setBins(std::vector<HistogramBin> bins);
    void setLevels(std::vector<double> levels);
    void setCutOff(std::optional<CutOff> cutOff);
    std::optional<double> cutOff() const { return m_cutOff ? std::optional(m_cutOff->value) : std::nullopt; }
    /// The words at the line: "Cut off at 512".
    void setCutOffLabel(std::function<QString(double value)> label);
    const PlotFrame& frame();

    ChartTable table() const override;
    QSize sizeHint() const override { return {320, 180}; }
    QSize minimumSizeHint() const override { return {160, 100}; }

signals:
    /// While the user moves the line, and once it has been let go.
    void cutOffMoved(double value);
    void cutOffChosen(double value);

protected:
    void draw(QPainter& painter, const QSize& size) override;
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void keyReleaseEvent(QKeyEvent* event) override;

private:
    PlotFrame makeFrame(const QSizeF& size) const;
    void paintCutOff(QPainter& painter, const PlotFrame& frame) const;
    bool isAtLine(const QPointF& position);
    void moveCutOff(double value);
    QString cutOffText() const;

    AxisKind m_kind = AxisKind::Number;
    QString m_sizeName, m_countName;
    std::vector<HistogramBin> m_bins;
    std::vector<double> m_levels;
    std::optional<CutOff> m_cutOff;
    std::function<QString(double)> m_label;
    PlotFrame m_frame;
    bool m_drags = false;
};

} // namespace lorikeet::ui
