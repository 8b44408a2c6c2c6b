// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointF>

#include <optional>
#include <span>
#include <vector>

#include "ui/charts/chart_axis.h"

namespace lorikeet::ui {

/// The range of all finite y of all lists; nothing where there is none. With `onlyMost` the few highest that are far
/// above all others are left out: those above the 98th percentile, where they reach more than twice as high.
std::optional<AxisRange> valueRange(const std::vector<std::span<const QPointF>>& lists, bool onlyPositive,
                                    bool onlyMost);

} // namespace lorikeet::ui
