// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "core/train/trainer.h"

namespace lorikeet {

int64_t plannedSteps(const TrainingConfig& training, StepPlanner& planner) {
    return plannedSteps(training, [&planner](int64_t epoch) { return planner.stepsInEpoch(epoch); });
}

int64_t plannedSteps(const TrainingConfig& training, FunctionRef<int64_t(int64_t epoch)> stepsInEpoch) {
    if (training.maxSteps)
        return *training.maxSteps;
    const double whole = std::floor(training.epochs);
    int64_t steps = 0;
    for (int64_t epoch = 0; epoch < int64_t(whole); ++epoch)
        steps += stepsInEpoch(epoch);
    if (training.epochs > whole) {
        // Rounded as the whole product, which is exact where the difference of the epochs is not: 2.2 epochs of 5 steps
        // are 11.
        const double last = double(stepsInEpoch(int64_t(whole)));
        steps += int64_t(std::ceil(training.epochs * last) - whole * last);
    }
    return steps;
}

} // namespace lorikeet
