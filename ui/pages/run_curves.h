// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QPointF>

#include <functional>
#include <optional>
#include <vector>

#include "ui/charts/plot.h"
#include "ui/charts/smoothing.h"
#include "ui/session/run_feed.h"

class QLabel;

namespace lorikeet::ui {

class ChartCard;
class CursorGroup;
class LineChart;
class SegmentedControl;

/// The curves of a run, each in a card: loss (raw, smoothed, evaluations), learning rate and gradient norm, over the
/// same x axis, with cursors that move together.
class RunCurves : public QObject {
    Q_OBJECT
public:
    explicit RunCurves(QObject* parent = nullptr);

    /// The cards are made once and belong to the layouts that take them.
    ChartCard* lossCard() const { return m_lossCard; }
    ChartCard* learningRateCard() const { return m_rateCard; }
    ChartCard* gradientNormCard() const { return m_normCard; }

    /// Draws what is new in a history; all of it where `startsAnew`.
    void follow(const RunHistory& history, bool startsAnew);
    /// What a click on the loss curve leads to, said at its cursor; a null function: nothing.
    void setChoice(std::function<QString(int64_t step)> hint);
    /// At the end of the smoothed curve.
    std::optional<double> smoothedLoss() const { return m_smoothedLoss; }

signals:
    /// The user clicked the loss curve near this step, or pressed Return there.
    void chosen(int64_t step);

private:
    enum class XAxis { Step, Tokens, Time };

    void makeLossCard();
    ChartCard* makeSmallCard(LineChart* chart, QLabel* value);
    void setXAxis(XAxis axis);
    void planSteps(const RunRecord& record);
    void clear();
    void addSteps(const RunHistory& history);
    void showEvaluations(const RunHistory& history);
    void noteEpoch(const StepMetrics& step, double x);
    std::optional<double> xOf(const StepMetrics& step) const;
    /// The step that lies nearest to a place of the axis; nothing where none is known.
    std::optional<int64_t> stepAt(double x) const;
    /// Where a step lies on the axis; nothing where the step is not known.
    std::optional<double> xOfStep(const RunHistory& history, int64_t step) const;

    XAxis m_axis = XAxis::Step;
    const RunHistory* m_history = nullptr;
    size_t m_shownSteps = 0;
    MovingAverage m_average;
    std::optional<double> m_smoothedLoss;
    double m_nextEpoch = 1.0; ///< a step past it begins another one
    std::vector<VerticalMark> m_epochs;
    ChartCard* m_lossCard;
    LineChart* m_loss;
    ChartCard* m_rateCard;
    LineChart* m_rate;
    QLabel* m_rateValue;
    ChartCard* m_normCard;
    LineChart* m_norm;
    QLabel* m_normValue;
    int m_raw, m_smoothed, m_evaluations;
};

} // namespace lorikeet::ui
