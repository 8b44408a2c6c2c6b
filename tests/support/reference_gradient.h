// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <vector>

namespace lorikeet::reference {

using Values = std::vector<double>;

/// The gradient of sum(weights * function(x)) by x, by central differences in double.
Values numericGradient(const std::function<Values(const Values&)>& function, const Values& x, const Values& weights);

} // namespace lorikeet::reference
