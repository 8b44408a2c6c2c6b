// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace lorikeet {

double scheduleFactor(Schedule schedule, int64_t step, int64_t warmupSteps, int64_t steps) {
    const int64_t done = step - 1;
    if (schedule == Schedule::Constant)
        return 1.0;
    if (done < warmupSteps)
        return double(done) / double(warmupSteps);
    const double toGo = double(std::max<int64_t>(1, steps - warmupSteps));
    switch (schedule) {
    case Schedule::Constant:
    case Schedule::ConstantWithWarmup:
        break;
    case Schedule::Linear:
        return std::max(0.0, double(steps - done) / toGo);
    case Schedule::Cosine:
        return std::max(0.0, 0.5 * (1.0 + std::cos(std::numbers::pi * (double(done - warmupSteps) / toGo))));
    }
    return 1.0;
}

} // namespace lorikeet
