// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/run_figures.h"

#include <algorithm>
#include <cmath>

#include "ui/charts/smoothing.h"

namespace lorikeet::ui {
namespace {

constexpr size_t kRecentSteps = 20;

std::optional<double> medianSpeed(const std::vector<StepMetrics>& metrics) {
    std::vector<double> speeds;
    for (size_t i = metrics.size() - std::min(metrics.size(), kRecentSteps); i < metrics.size(); ++i)
        if (std::isfinite(metrics[i].tokensPerSecond))
            speeds.push_back(metrics[i].tokensPerSecond);
    if (speeds.empty())
        return std::nullopt;
    const auto middle = speeds.begin() + std::ptrdiff_t(speeds.size() / 2);
    std::nth_element(speeds.begin(), middle, speeds.end());
    return *middle;
}

} // namespace

RunFigures runFigures(const RunHistory& history) {
    const RunRecord& run = history.record;
    RunFigures figures{.step = run.steps, .steps = run.totalSteps, .seconds = run.seconds};
    if (!history.metrics.empty()) {
        const StepMetrics& last = history.metrics.back();
        figures.step = last.step;
        if (std::isfinite(last.epoch))
            figures.epoch = last.epoch;
        figures.tokensPerSecond = medianSpeed(history.metrics);
        if (run.state == RunState::Running && std::isfinite(last.secondsLeft))
            figures.secondsLeft = last.secondsLeft;
    }
    if (!history.evaluations.empty())
        figures.evaluation = history.evaluations.back().loss;
    if (run.adapter && run.state != RunState::Running)
        figures.savedStep = run.steps;
    else if (!history.checkpoints.empty())
        figures.savedStep = history.checkpoints.back().step;
    return figures;
}

std::optional<double> smoothedLoss(const std::vector<StepMetrics>& metrics) {
    std::optional<double> loss;
    MovingAverage average;
    for (const StepMetrics& step : metrics)
        if (const double smoothed = average.add(step.loss); std::isfinite(smoothed))
            loss = smoothed;
    return loss;
}

} // namespace lorikeet::ui
