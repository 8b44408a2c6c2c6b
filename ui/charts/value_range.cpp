// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/value_range.h"

#include <algorithm>
#include <cmath>

#include "ui/charts/curve_points.h"

namespace lorikeet::ui {
namespace {

constexpr size_t kSamples = 4096; // that the percentile is taken from
constexpr size_t kFewest = 50;    // below, every value is one of many
constexpr double kRoom = 1.1;

/// Some values of the curves, evenly spread.
std::vector<double> samplesOf(const std::vector<const CurvePoints*>& curves, std::optional<AxisRange> x,
                              bool onlyPositive) {
    std::vector<std::pair<size_t, size_t>> parts;
    size_t count = 0;
    for (const CurvePoints* curve : curves) {
        parts.push_back(x ? curve->within(*x) : std::pair(size_t(0), curve->list().size()));
        count += parts.back().second - parts.back().first;
    }
    const size_t stride = count / kSamples + 1;
    std::vector<double> samples;
    for (size_t i = 0; i < curves.size(); ++i)
        for (size_t place = parts[i].first; place < parts[i].second; place += stride)
            if (const double y = curves[i]->list()[place].y(); std::isfinite(y) && (!onlyPositive || y > 0.0))
                samples.push_back(y);
    return samples;
}

} // namespace

std::optional<AxisRange> valueRange(const std::vector<const CurvePoints*>& curves, std::optional<AxisRange> x,
                                    bool onlyPositive, double share) {
    std::optional<AxisRange> range;
    for (const CurvePoints* curve : curves)
        if (const auto own = curve->range(x, onlyPositive))
            range = range ? AxisRange{std::min(range->low, own->low), std::max(range->high, own->high)} : *own;
    if (share >= 1.0 || !range)
        return range;
    std::vector<double> samples = samplesOf(curves, x, onlyPositive);
    if (samples.size() < kFewest)
        return range;
    const auto at = samples.begin() + std::ptrdiff_t(share * double(samples.size() - 1));
    std::nth_element(samples.begin(), at, samples.end());
    if (*at > range->low && range->high - range->low > 2.0 * (*at - range->low))
        range->high = range->low + (*at - range->low) * kRoom;
    return range;
}

} // namespace lorikeet::ui
