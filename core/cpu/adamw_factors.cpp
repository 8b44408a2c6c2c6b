// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cpu/adamw_factors.h"

#include <cmath>

namespace lorikeet {

AdamWFactors adamWFactors(const AdamWStep& step, float gradientFactor) {
    const double beta1 = double(step.beta1), beta2 = double(step.beta2);
    const double c1 = 1.0 - std::pow(beta1, double(step.step));
    const double c2 = std::sqrt(1.0 - std::pow(beta2, double(step.step)));
    return {gradientFactor,
            step.beta1,
            float(1.0 - beta1),
            step.beta2,
            float(1.0 - beta2),
            float(1.0 - double(step.learningRate) * double(step.weightDecay)),
            float(double(step.learningRate) * c2 / c1),
            float(double(step.epsilon) * c2)};
}

} // namespace lorikeet
