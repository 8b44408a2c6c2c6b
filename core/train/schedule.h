// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "core/train/run_config.h"

namespace lorikeet {

/// What the learning rate is multiplied by in step `step` (1 for the first) of `steps`: the factors of transformers'
/// get_constant_schedule_with_warmup, get_linear_schedule_with_warmup and get_cosine_schedule_with_warmup. With a
/// warm-up the first step has factor 0.
double scheduleFactor(Schedule schedule, int64_t step, int64_t warmupSteps, int64_t steps);

} // namespace lorikeet
