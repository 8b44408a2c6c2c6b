// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/run_curves.h"

#include <algorithm>
#include <cmath>

#include "ui/charts/chart_card.h"
#include "ui/charts/cursor_group.h"
#include "ui/charts/line_chart.h"
#include "ui/models/run_text.h"
#include "ui/theme/theme.h"
#include "ui/widgets/format.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/segmented_control.h"

namespace lorikeet::ui {
namespace {

constexpr size_t kMostMarks = 8;                             // of epochs: more would hide the curve
constexpr int kBlue = 0, kOrange = 1, kGreen = 2, kPink = 3; // series colours

} // namespace

RunCurves::RunCurves(QObject* parent)
    : QObject(parent), m_loss(new LineChart(tr("Loss"))), m_rate(new LineChart(tr("Learning rate"))),
      m_rateValue(makeLabel({}, LabelRole::Value)), m_norm(new LineChart(tr("Gradient norm"))),
      m_normValue(makeLabel({}, LabelRole::Value)) {
    makeLossCard();
    m_rate->addSeries({tr("Learning rate"), thinLine(kGreen)});
    m_rate->setYAxis(AxisKind::Setting, Plot::YFit::FromZero);
    m_rateCard = makeSmallCard(m_rate, m_rateValue);
    m_norm->addSeries({tr("Gradient norm"), thinLine(kPink)});
    m_norm->setYAxis(AxisKind::Number, Plot::YFit::MostOf);
    m_normCard = makeSmallCard(m_norm, m_normValue);
    auto* group = new CursorGroup(this);
    for (LineChart* chart : {m_loss, m_rate, m_norm})
        group->add(chart);
    setXAxis(XAxis::Step);
}

void RunCurves::makeLossCard() {
    m_raw = m_loss->addSeries({tr("Each step"), rawLine(kBlue), true, false});
    m_smoothed = m_loss->addSeries({tr("Smoothed"), smoothedLine(kBlue)});
    m_evaluations = m_loss->addSeries({tr("Eval"), evaluationLine(kOrange)});
    m_loss->setYAxis(AxisKind::Loss, Plot::YFit::MostOf);
    auto* legend = new ChartLegend;
    legend->addEntry(tr("Each step"), rawLine(kBlue));
    legend->addEntry(tr("Smoothed %1").arg(kSmoothing), smoothedLine(kBlue));
    legend->addEntry(tr("Eval"), evaluationLine(kOrange));
    connect(m_loss, &Plot::chosen, this, [this](double x) {
        if (const std::optional<int64_t> step = stepAt(x))
            emit chosen(*step);
    });
    m_lossCard = new ChartCard(tr("Loss"), m_loss);
    m_lossCard->setLegend(legend);
    auto* axis = new SegmentedControl(tr("What the curves are drawn over"), {tr("Step"), tr("Tokens"), tr("Time")},
                                      ControlSize::Compact);
    connect(axis, &SegmentedControl::chosen, this, [this](int index) { setXAxis(XAxis(index)); });
    m_lossCard->addControl(axis);
    auto* scale = new SegmentedControl(tr("Scale of the loss"), {tr("Linear"), tr("Log")}, ControlSize::Compact);
    connect(scale, &SegmentedControl::chosen, this, [this](int index) { m_loss->setLogarithmic(index == 1); });
    m_lossCard->addControl(scale);
}

ChartCard* RunCurves::makeSmallCard(LineChart* chart, QLabel* value) {
    auto* card = new ChartCard(chart->accessibleName(), chart);
    value->setFont(Theme::withTabularFigures(value->font()));
    value->setAccessibleName(chart->accessibleName());
    card->addControl(value);
    return card;
}

void RunCurves::setXAxis(XAxis axis) {
    m_axis = axis;
    for (LineChart* chart : {m_loss, m_rate, m_norm}) {
        switch (axis) {
        case XAxis::Step:
            chart->setXAxis(AxisKind::Count, tr("Step"), Plot::XEnd::NextHundred);
            break;
        case XAxis::Tokens:
            chart->setXAxis(AxisKind::Tokens, tr("Tokens"));
            break;
        case XAxis::Time:
            chart->setXAxis(AxisKind::Duration, tr("Time"));
            break;
        }
        chart->resetZoom();
    }
    if (m_history)
        follow(*m_history, true);
}

void RunCurves::follow(const RunHistory& history, bool startsAnew) {
    const bool isFirst = !m_history;
    m_history = &history;
    if (startsAnew || history.metrics.size() < m_shownSteps)
        clear();
    planSteps(history.record);
    addSteps(history);
    showEvaluations(history);
    if (isFirst) {
        const double limit = maxGradNorm(history.record);
        if (limit > 0.0)
            m_norm->setReferenceLines({{limit, tr("Clipped above %1").arg(formatSetting(limit)), true}});
    }
    if (isFirst || startsAnew)
        for (LineChart* chart : {m_loss, m_rate, m_norm})
            chart->fitAxes();
}

void RunCurves::planSteps(const RunRecord& record) {
    const double most = record.totalSteps ? double(*record.totalSteps) : std::numeric_limits<double>::infinity();
    for (LineChart* chart : {m_loss, m_rate, m_norm})
        chart->setPlannedX(most);
}

void RunCurves::clear() {
    m_shownSteps = 0;
    m_average = MovingAverage();
    m_smoothedLoss.reset();
    m_nextEpoch = 1.0;
    m_epochs.clear();
    for (LineChart* chart : {m_loss, m_rate, m_norm})
        for (int series = 0; series < chart->seriesCount(); ++series)
            chart->replace(series, {});
}

std::optional<double> RunCurves::xOf(const StepMetrics& step) const {
    switch (m_axis) {
    case XAxis::Step:
        return double(step.step);
    case XAxis::Tokens:
        return step.totalTokens ? std::optional(double(*step.totalTokens)) : std::nullopt;
    case XAxis::Time:
        return std::isfinite(step.seconds) ? std::optional(step.seconds) : std::nullopt;
    }
    Q_UNREACHABLE();
}

void RunCurves::addSteps(const RunHistory& history) {
    std::vector<QPointF> raw, smooth, rate, norm;
    for (std::vector<QPointF>* points : {&raw, &smooth, &rate, &norm})
        points->reserve(history.metrics.size() - m_shownSteps);
    for (; m_shownSteps < history.metrics.size(); ++m_shownSteps) {
        const StepMetrics& step = history.metrics[m_shownSteps];
        const std::optional<double> x = xOf(step);
        const double average = m_average.add(step.loss);
        if (std::isfinite(average))
            m_smoothedLoss = average;
        if (!x)
            continue;
        noteEpoch(step, *x);
        raw.emplace_back(*x, step.loss);
        smooth.emplace_back(*x, average);
        rate.emplace_back(*x, step.learningRate);
        norm.emplace_back(*x, step.gradNorm);
    }
    m_loss->append(m_raw, raw);
    m_loss->append(m_smoothed, smooth);
    m_rate->append(0, rate);
    m_norm->append(0, norm);
    m_loss->setVerticalMarks(m_epochs.size() <= kMostMarks ? m_epochs : std::vector<VerticalMark>());
    if (!history.metrics.empty()) {
        m_rateValue->setText(formatSetting(QString::number(history.metrics.back().learningRate, 'g', 3).toDouble()));
        m_normValue->setText(formatLoss(history.metrics.back().gradNorm));
        for (QLabel* value : {m_rateValue, m_normValue})
            value->setAccessibleDescription(value->text());
    }
}

std::optional<double> RunCurves::xOfStep(const RunHistory& history, int64_t step) const {
    if (m_axis == XAxis::Step)
        return double(step);
    const auto at = std::lower_bound(history.metrics.begin(), history.metrics.end(), step,
                                     [](const StepMetrics& metrics, int64_t wanted) { return metrics.step < wanted; });
    return at != history.metrics.end() && at->step == step ? xOf(*at) : std::nullopt;
}

std::optional<int64_t> RunCurves::stepAt(double x) const {
    std::optional<int64_t> nearest;
    double least = std::numeric_limits<double>::infinity();
    if (!m_history)
        return nearest;
    for (const StepMetrics& step : m_history->metrics)
        if (const std::optional<double> at = xOf(step); at && std::abs(*at - x) < least) {
            least = std::abs(*at - x);
            nearest = step.step;
        }
    return nearest;
}

void RunCurves::setChoice(std::function<QString(int64_t step)> hint) {
    if (!hint)
        return m_loss->setCursorNote({});
    m_loss->setCursorNote([this, hint = std::move(hint)](double x) {
        const std::optional<int64_t> step = stepAt(x);
        return step ? hint(*step) : QString();
    });
}

void RunCurves::showEvaluations(const RunHistory& history) {
    std::vector<QPointF> points;
    const EvaluationRecord* best = nullptr;
    for (const EvaluationRecord& evaluation : history.evaluations) {
        if (const auto x = xOfStep(history, evaluation.step))
            points.emplace_back(*x, evaluation.loss);
        if (std::isfinite(evaluation.loss) && (!best || evaluation.loss < best->loss))
            best = &evaluation;
    }
    const bool hasMany = points.size() > 1;
    m_loss->replace(m_evaluations, std::move(points));
    const std::optional<double> bestX = best ? xOfStep(history, best->step) : std::nullopt;
    if (bestX && hasMany)
        m_loss->setHighlight(
            Highlight{m_evaluations, *bestX, tr("Best eval %1, step %2").arg(formatLoss(best->loss)).arg(best->step)});
    else
        m_loss->setHighlight(std::nullopt);
}

void RunCurves::noteEpoch(const StepMetrics& step, double x) {
    if (!std::isfinite(step.epoch) || step.epoch <= m_nextEpoch)
        return;
    m_nextEpoch = std::floor(step.epoch) + 1.0;
    m_epochs.push_back({x, tr("Epoch %1").arg(int(m_nextEpoch))});
}

} // namespace lorikeet::ui
