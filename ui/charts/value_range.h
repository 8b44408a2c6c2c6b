// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include "ui/charts/chart_axis.h"

namespace lorikeet::ui {

class CurvePoints;

/// The range of all finite y of all curves, within `x` where it is given; nothing where there is none. With a `share`
/// below 1 the highest are left out where they are far above all others: those above that percentile, where they reach
/// more than twice as high.
std::optional<AxisRange> valueRange(const std::vector<const CurvePoints*>& curves, std::optional<AxisRange> x,
                                    bool onlyPositive, double share = 1.0);

} // namespace lorikeet::ui
