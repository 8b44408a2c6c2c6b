// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/run_speed.h"

#include <cmath>

#include "core/base/error.h"
#include "core/runs/run_store.h"

namespace lorikeet {
namespace {

/// Tokens over seconds of all steps but the first, which also warms up; 0 where nothing was measured.
double speedOf(const RunStore& store, const RunRecord& run) {
    double tokens = 0.0, seconds = 0.0;
    for (const StepMetrics& step : store.metrics(run.id, 1)) {
        if (!std::isfinite(step.tokensPerSecond) || step.tokensPerSecond <= 0.0)
            continue;
        tokens += double(step.tokens);
        seconds += double(step.tokens) / step.tokensPerSecond;
    }
    return seconds > 0.0 ? tokens / seconds : 0.0;
}

bool usedCheckpointing(const RunRecord& run) {
    try {
        return parseRunConfig(run.config).training.gradientCheckpointing;
    } catch (const Error&) {
        return TrainingConfig().gradientCheckpointing; // of another version
    }
}

} // namespace

std::optional<RunSpeed> measuredSpeed(const RunStore& store, const RunConfig& config, const std::string& path,
                                      const std::string& kernels) {
    std::optional<RunSpeed> other;
    for (const RunRecord& run : store.list()) {
        if (run.state != RunState::Finished || run.kernels != kernels ||
            (run.model != config.model && run.model != path))
            continue;
        const bool isSame =
            run.method == methodName(config.method) && usedCheckpointing(run) == config.training.gradientCheckpointing;
        if (!isSame && other)
            continue;
        const double speed = speedOf(store, run);
        if (speed <= 0.0)
            continue;
        if (isSame)
            return RunSpeed{run.id, run.name, speed};
        other = RunSpeed{run.id, run.name, speed};
    }
    return other;
}

} // namespace lorikeet
