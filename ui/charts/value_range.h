// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointF>

#include <optional>
#include <span>
#include <vector>

#include "ui/charts/chart_axis.h"

namespace lorikeet::ui {

/// The range of all finite y of all lists; nothing where there is none. With a `share` below 1 the highest are left out
/// where they are far above all others: those above that percentile, where they reach more than twice as high.
std::optional<AxisRange> valueRange(const std::vector<std::span<const QPointF>>& lists, bool onlyPositive,
                                    double share = 1.0);

} // namespace lorikeet::ui
