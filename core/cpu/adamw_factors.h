// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/operations.h"

namespace lorikeet {

/// What one AdamW step does to each element: everything that is equal for all of them, computed once.
struct AdamWFactors {
    float gradient;  ///< on the gradient
    float beta1;     ///< kept of the first moment
    float newShare1; ///< 1 - beta1
    float beta2;     ///< kept of the second moment
    float newShare2; ///< 1 - beta2
    float keep;      ///< 1 - lr * weight decay, on the parameter
    float step;      ///< lr * c2 / c1
    float epsilon;   ///< epsilon * c2
};

AdamWFactors adamWFactors(const AdamWStep& step, float gradientFactor);

} // namespace lorikeet
