// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointF>

#include <span>
#include <vector>

namespace lorikeet::ui {

/// How much of the past a smoothed curve keeps at each step.
inline constexpr double kSmoothing = 0.95;

/// An exponential moving average that is taken step by step: m = w m + (1 - w) y, divided by 1 - w^n, so that it is
/// not drawn towards zero at its beginning (Kingma and Ba 2014, section 3).
class MovingAverage {
public:
    explicit MovingAverage(double weight = kSmoothing) : m_weight(weight) {}

    /// The average with `value`, which leaves it as it is where it is not finite: NaN is returned then.
    double add(double value);

private:
    double m_weight;
    double m_average = 0.0;
    double m_past = 1.0; ///< w^n
};

/// The y of each point replaced by the average up to it.
std::vector<QPointF> smoothed(std::span<const QPointF> points, double weight = kSmoothing);

} // namespace lorikeet::ui
