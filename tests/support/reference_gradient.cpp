// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/reference_gradient.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lorikeet::reference {

Values numericGradient(const std::function<Values(const Values&)>& function, const Values& x, const Values& weights) {
    Values gradient(x.size()), moved = x;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double step = 1e-5 * std::max(1.0, std::abs(x[i]));
        moved[i] = x[i] + step;
        const Values above = function(moved);
        moved[i] = x[i] - step;
        const Values below = function(moved);
        moved[i] = x[i];
        for (std::size_t j = 0; j < weights.size(); ++j)
            gradient[i] += weights[j] * (above[j] - below[j]) / (2 * step);
    }
    return gradient;
}

} // namespace lorikeet::reference
