// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <string_view>

namespace lorikeet {

/// The larger of two differences; NaN where either is.
inline double worse(double a, double b) {
    return b > a || std::isnan(b) ? b : a;
}

/// Expects `difference` to be at most `limit`, and records both as properties of the running test ("<what>_difference",
/// "<what>_limit"), where scripts/measure_fidelity finds them.
void expectMeasured(std::string_view what, double difference, double limit);

} // namespace lorikeet
