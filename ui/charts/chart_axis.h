// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>
#include <QStringList>

namespace lorikeet::ui {

/// What an axis measures; it decides where ticks stand and how values are written.
enum class AxisKind {
    Number,
    Loss,
    Setting,  ///< written as one types it: 2e-4
    Count,    ///< whole numbers: steps
    Tokens,   ///< whole numbers, by millions where there are many
    Duration, ///< seconds
    Memory,   ///< bytes
};

struct AxisRange {
    double low = 0.0, high = 1.0;

    double span() const { return high - low; }
    bool contains(double value) const { return value >= low && value <= high; }
    bool operator==(const AxisRange&) const = default;
};

struct AxisTicks {
    QList<double> values;
    QStringList labels; ///< one for each; the last one names the unit where the kind has one
};

/// The least of 1, 2 and 5 times a power of ten that divides `span` into at most `intervals` parts.
double niceStep(double span, int intervals);
/// `data` widened so that a tick of linearTicks() stands at either end.
AxisRange niceRange(AxisRange data, AxisKind kind, int intervals);
/// The ticks within `range`.
AxisTicks linearTicks(AxisRange range, AxisKind kind, int intervals);
/// `data`, which is positive, widened to 1, 2 or 5 times a power of ten.
AxisRange niceLogRange(AxisRange data);
/// Ticks within a positive `range` that is drawn by logarithms: powers of ten, with 2 and 5 times these where there is
/// room; even ones where the range is less than a power of ten, none where it
/// is not positive.
AxisTicks logTicks(AxisRange range, AxisKind kind, int intervals);
/// Where an axis of steps ends: the next full hundred, 100 at least.
double nextHundred(double step);
/// The value in full, as a cursor tells it.
QString formatAxisValue(double value, AxisKind kind);

} // namespace lorikeet::ui
