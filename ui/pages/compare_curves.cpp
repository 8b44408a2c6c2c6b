// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/compare_curves.h"

#include <cmath>
#include <utility>

#include "ui/charts/curve_points.h"
#include "ui/widgets/format.h"
#include "ui/widgets/segmented_control.h"

namespace lorikeet::ui {
namespace {

std::vector<QPointF> tokensByStep(const RunHistory& run) {
    std::vector<QPointF> points;
    points.reserve(run.metrics.size());
    double tokens = 0.0;
    for (const StepMetrics& step : run.metrics) {
        tokens = step.totalTokens ? double(*step.totalTokens) : tokens + double(step.tokens);
        points.emplace_back(double(step.step), tokens);
    }
    return points;
}

} // namespace

CompareCurves::CompareCurves(QWidget* parent) : CompareCurves(new LineChart(tr("Loss of the compared runs")), parent) {}

CompareCurves::CompareCurves(LineChart* chart, QWidget* parent)
    : ChartCard(tr("Training loss"), chart, parent), m_chart(chart) {
    m_chart->setMinimumHeight(200);
    m_chart->setYAxis(AxisKind::Loss, Plot::YFit::Settled);
    m_chart->setCursorBox(Plot::CursorOrder::LowestFirst, true);
    addControls();
    applyAxis();
    applyTitle();
}

void CompareCurves::addControls() {
    const auto add = [this](const QString& name, const QStringList& segments) {
        auto* control = new SegmentedControl(name, segments, ControlSize::Compact);
        addControl(control);
        return control;
    };
    m_what = add(tr("Loss"), {tr("Train"), tr("Eval")});
    m_form = add(tr("Curve"), {tr("Smoothed"), tr("Each step")});
    m_axis = add(tr("Axis"), {tr("Step"), tr("Tokens"), tr("Epoch"), tr("Time")});
    m_scale = add(tr("Scale"), {tr("Linear"), tr("Log")});
    for (SegmentedControl* control : {m_what, m_form})
        connect(control, &SegmentedControl::chosen, this, [this] {
            applyTitle();
            emit changed();
            m_chart->fitAxes();
        });
    connect(m_axis, &SegmentedControl::chosen, this, [this] {
        applyAxis();
        emit changed();
    });
    connect(m_scale, &SegmentedControl::chosen, m_chart, [this](int index) { m_chart->setLogarithmic(index == 1); });
}

bool CompareCurves::isEvaluation() const {
    return m_what->current() == 1;
}

CompareAxis CompareCurves::axis() const {
    return CompareAxis(m_axis->current());
}

void CompareCurves::applyTitle() {
    for (int i = 0; i < 2; ++i)
        m_form->setSegmentEnabled(i, !isEvaluation(), tr("Evaluations are shown as they were"));
    setTitle(isEvaluation() ? tr("Eval loss") : tr("Training loss"));
}

void CompareCurves::applyAxis() {
    switch (axis()) {
    case CompareAxis::Step:
        m_chart->setXAxis(AxisKind::Count, tr("Step"));
        break;
    case CompareAxis::Tokens:
        m_chart->setXAxis(AxisKind::Tokens, tr("Tokens"));
        break;
    case CompareAxis::Epoch:
        m_chart->setXAxis(AxisKind::Number, tr("Epoch"));
        break;
    case CompareAxis::Time:
        m_chart->setXAxis(AxisKind::Duration, tr("Time"));
        break;
    }
    if (axis() != CompareAxis::Step)
        return m_chart->setCursorNote({});
    m_chart->setCursorNote([this](double step) {
        const qsizetype at = nearestPoint(m_tokens, step);
        return at < 0 ? QString() : tr("%1 tokens").arg(formatBig(std::llround(m_tokens[size_t(at)].y())));
    });
}

LineSpec CompareCurves::specOf(const CurveRun& run) const {
    LineSpec spec{run.title, comparedLine(run.style)};
    if (isEvaluation())
        spec.style.hasRings = true;
    else if (m_form->current() == 1)
        spec.style.width = 1.0;
    return spec;
}

CompareCurves::Drawn CompareCurves::drawnOf(const RunHistory& run) const {
    Drawn drawn{
        &run, m_what->current(), m_form->current(), m_axis->current(), run.metrics.size(), run.evaluations.size()};
    if (!run.metrics.empty()) {
        drawn.lastStep = run.metrics.back().step;
        drawn.lastLoss = run.metrics.back().loss;
    }
    return drawn;
}

void CompareCurves::show(const std::vector<CurveRun>& runs) {
    const bool isOther = int(runs.size()) != m_chart->seriesCount();
    if (isOther)
        m_chart->clearSeries();
    m_drawn.resize(isOther ? 0 : runs.size());
    m_drawn.resize(runs.size());
    for (size_t i = 0; i < runs.size(); ++i) {
        const CurveRun& run = runs[i];
        if (isOther)
            m_chart->addSeries(specOf(run));
        else
            m_chart->setSpec(int(i), specOf(run));
        const Drawn drawn = drawnOf(*run.history);
        if (drawn == std::exchange(m_drawn[i], drawn))
            continue; // long runs take their time
        m_chart->replace(int(i), isEvaluation() ? evaluationCurve(*run.history, axis())
                                                : lossCurve(*run.history, axis(), m_form->current() == 0));
        if (i == 0)
            m_tokens = tokensByStep(*run.history);
    }
}

} // namespace lorikeet::ui
