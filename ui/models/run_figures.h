// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "ui/session/run_feed.h"

namespace lorikeet::ui {

/// What a run's page says in figures, computed from the run's history alone, so that it is the same for a run of this
/// program, of another one, and for one that has ended. They cost the same however long the history is.
struct RunFigures {
    int64_t step = 0;
    std::optional<int64_t> steps = {};
    std::optional<double> epoch = {};
    std::optional<double> secondsLeft = {}; ///< while it trains, as its trainer foresees
    std::optional<double> seconds = {};
    std::optional<double> tokensPerSecond = {}; ///< median of the last steps
    std::optional<double> evaluation = {};      ///< the last one
    std::optional<int64_t> savedStep = {};
};

RunFigures runFigures(const RunHistory& history);

/// At the end of the smoothed curve; goes over all steps.
std::optional<double> smoothedLoss(const std::vector<StepMetrics>& metrics);

} // namespace lorikeet::ui
