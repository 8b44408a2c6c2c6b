// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/chart_card.h"
#include "ui/charts/line_chart.h"
#include "ui/pages/comparison.h"

namespace lorikeet::ui {

class SegmentedControl;

/// A run among others in a chart.
struct CurveRun {
    QString title;
    int style = 0;             ///< index of colour and dashes
    const RunHistory* history; ///< only read while it is handed over
};

/// The losses of compared runs over each other: training or evaluation, smoothed or as they were, by step, tokens,
/// epoch or time.
class CompareCurves : public ChartCard {
    Q_OBJECT
public:
    explicit CompareCurves(QWidget* parent = nullptr);

    /// The reference first.
    void show(const std::vector<CurveRun>& runs);
    LineChart& chart() const { return *m_chart; }

signals:
    /// Another curve or axis is wanted: show() is to be called.
    void changed();

private:
    /// What a curve was drawn from.
    struct Drawn {
        const RunHistory* run = nullptr; ///< to tell it from others
        int what = 0, form = 0, axis = 0;
        size_t steps = 0, evaluations = 0;
        int64_t lastStep = 0;
        double lastLoss = 0.0;
        bool operator==(const Drawn&) const = default;
    };

    CompareCurves(LineChart* chart, QWidget* parent);
    void addControls();
    void applyAxis();
    void applyTitle();
    Drawn drawnOf(const RunHistory& run) const;
    LineSpec specOf(const CurveRun& run) const;
    bool isEvaluation() const;
    CompareAxis axis() const;

    LineChart* m_chart;
    SegmentedControl *m_what, *m_form, *m_axis, *m_scale;
    std::vector<Drawn> m_drawn;    ///< one for each series
    std::vector<QPointF> m_tokens; ///< of the reference, by step
};

} // namespace lorikeet::ui
