// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <limits>

namespace lorikeet::ui {

/// Exponential moving average with the bias of its beginning corrected: y_n = sum w^(n-i) x_i / sum w^(n-i). Values
/// that are not finite are passed over.
class Smoothing {
public:
    static constexpr double kDefaultWeight = 0.95;

    explicit Smoothing(double weight = kDefaultWeight) : m_weight(weight) {}

    /// The average after `value`; NaN before the first finite one.
    double next(double value) {
        if (std::isfinite(value)) {
            m_sum = m_weight * m_sum + value;
            m_norm = m_weight * m_norm + 1.0;
        }
        return m_norm > 0.0 ? m_sum / m_norm : std::numeric_limits<double>::quiet_NaN();
    }

private:
    double m_weight;
    double m_sum = 0.0, m_norm = 0.0;
};

} // namespace lorikeet::ui
