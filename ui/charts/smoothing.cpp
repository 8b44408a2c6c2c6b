// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/smoothing.h"

#include <cmath>
#include <limits>

namespace lorikeet::ui {

double MovingAverage::add(double value) {
    if (!std::isfinite(value))
        return std::numeric_limits<double>::quiet_NaN();
    m_average = m_weight * m_average + (1.0 - m_weight) * value;
    // Left alone once it is lost beside 1: denormal numbers are slow.
    if (m_past > 1e-17)
        m_past *= m_weight;
    return m_average / (1.0 - m_past);
}

std::vector<QPointF> smoothed(std::span<const QPointF> points, double weight) {
    MovingAverage average(weight);
    std::vector<QPointF> result;
    result.reserve(points.size());
    for (const QPointF& point : points)
        result.emplace_back(point.x(), average.add(point.y()));
    return result;
}

} // namespace lorikeet::ui
