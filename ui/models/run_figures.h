// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "ui/session/run_feed.h"

namespace lorikeet::ui {

/// What a run's page says in figures, computed from the run's history alone, so that it is the same for a run of this
/// program, of another one, and for one that has ended.
struct RunFigures {
    int64_t step = 0;
    std::optional<int64_t> steps = {};
    std::optional<double> epoch = {};
    std::optional<double> secondsLeft = {}; ///< while it trains, from the pace of the last steps
    std::optional<double> seconds = {};
    std::optional<double> tokensPerSecond = {}; ///< median of the last steps
    std::optional<double> loss = {};            ///< smoothed
    std::optional<double> evaluation = {};      ///< the last one
    std::optional<int64_t> savedStep = {};
};

RunFigures runFigures(const RunHistory& history);

} // namespace lorikeet::ui
