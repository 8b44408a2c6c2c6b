// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/value_range.h"

#include <algorithm>
#include <cmath>

namespace lorikeet::ui {
namespace {

constexpr size_t kSamples = 4096; // that the percentile is taken from
constexpr size_t kFewest = 50;    // below, every value is one of many
constexpr double kRoom = 1.1;

} // namespace

std::optional<AxisRange> valueRange(const std::vector<std::span<const QPointF>>& lists, bool onlyPositive,
                                    double share) {
    std::optional<AxisRange> range;
    size_t count = 0;
    const auto counts = [onlyPositive](double y) { return std::isfinite(y) && (!onlyPositive || y > 0.0); };
    for (const auto& list : lists)
        for (const QPointF& point : list) {
            if (!counts(point.y()))
                continue;
            ++count;
            if (!range)
                range = {point.y(), point.y()};
            range->low = std::min(range->low, point.y());
            range->high = std::max(range->high, point.y());
        }
    if (share >= 1.0 || count < kFewest)
        return range;
    std::vector<double> sample;
    const size_t stride = count / kSamples + 1;
    for (const auto& list : lists)
        for (size_t i = 0; i < list.size(); i += stride)
            if (counts(list[i].y()))
                sample.push_back(list[i].y());
    const auto at = sample.begin() + std::ptrdiff_t(share * double(sample.size() - 1));
    std::nth_element(sample.begin(), at, sample.end());
    const double most = range->low + (*at - range->low) * kRoom;
    if (*at > range->low && range->high - range->low > 2.0 * (*at - range->low))
        range->high = most;
    return range;
}

} // namespace lorikeet::ui
