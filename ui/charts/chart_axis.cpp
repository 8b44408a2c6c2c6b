// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/chart_axis.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>
#include <cmath>

#include "ui/widgets/format.h"

namespace lorikeet::ui {
namespace {

// Sums of steps are off by some last bits; a tick this near to an end stands at it.
constexpr double kSlack = 1e-9;
// What an axis reaches at most, so that nothing that is computed of it is infinite, or 0 where logarithms are taken.
constexpr double kLargest = 1e300, kSmallest = 1e-300;

struct Unit {
    double size = 1.0;
    QString suffix;
};

QString tr(const char* text) {
    return QCoreApplication::translate("ChartAxis", text);
}

Unit durationUnit(double seconds) {
    if (seconds <= 180.0)
        return {1.0, tr("s")};
    return seconds <= 3.0 * 3600.0 ? Unit{60.0, tr("min")} : Unit{3600.0, tr("h")};
}

Unit memoryUnit(double bytes) {
    static const QStringList kNames = {QStringLiteral("B"), QStringLiteral("KiB"), QStringLiteral("MiB"),
                                       QStringLiteral("GiB"), QStringLiteral("TiB")};
    int power = 0;
    while (bytes >= 1024.0 && power + 1 < kNames.size()) {
        bytes /= 1024.0;
        ++power;
    }
    return {std::pow(1024.0, power), kNames[power]};
}

Unit tokenUnit(double tokens) {
    if (tokens < 1e6)
        return {};
    return tokens < 1e9 ? Unit{1e6, tr("M")} : Unit{1e9, tr("B")};
}

/// The unit in which ticks up to `largest` are even numbers.
Unit unitOf(AxisKind kind, double largest) {
    switch (kind) {
    case AxisKind::Duration:
        return durationUnit(largest);
    case AxisKind::Memory:
        return memoryUnit(largest);
    case AxisKind::Tokens:
        return tokenUnit(largest);
    case AxisKind::Number:
    case AxisKind::Loss:
    case AxisKind::Setting:
    case AxisKind::Count:
        return {};
    }
    Q_UNREACHABLE();
}

int64_t wholeNumber(double value) {
    constexpr double kMost = 9e18; // below the largest int64_t
    return std::llround(std::clamp(value, -kMost, kMost));
}

bool isWhole(AxisKind kind) {
    return kind == AxisKind::Count || kind == AxisKind::Tokens;
}

/// The distance of ticks, in units of the axis.
double tickStep(AxisRange range, AxisKind kind, int intervals, const Unit& unit) {
    const double step = niceStep(range.span() / unit.size, intervals);
    return isWhole(kind) && unit.size == 1.0 ? std::max(step, 1.0) : step;
}

double largestOf(AxisRange range) {
    return std::max(std::abs(range.low), std::abs(range.high));
}

QString tickLabel(double value, AxisKind kind, double step) {
    if (kind == AxisKind::Setting) // the sum of steps, without its last bits
        return formatSetting(QString::number(value, 'g', 6).toDouble());
    const int decimals = std::max(0, int(-std::floor(std::log10(step) + kSlack)));
    return QLocale().toString(value == 0.0 ? 0.0 : value, 'f', decimals); // no "-0"
}

void appendUnit(AxisTicks& ticks, const Unit& unit) {
    if (!ticks.labels.isEmpty() && !unit.suffix.isEmpty())
        ticks.labels.last() += QLatin1Char(' ') + unit.suffix;
}

} // namespace

double niceStep(double span, int intervals) {
    const double raw = std::max(span, 1e-300) / std::max(intervals, 1);
    const double power = std::pow(10.0, std::floor(std::log10(raw)));
    for (const double factor : {1.0, 2.0, 5.0})
        if (factor * power >= raw * (1.0 - kSlack))
            return factor * power;
    return 10.0 * power;
}

AxisRange niceRange(AxisRange data, AxisKind kind, int intervals) {
    data = {std::clamp(data.low, -kLargest, kLargest), std::clamp(data.high, -kLargest, kLargest)};
    if (!(data.span() > largestOf(data) * kSlack)) { // one value: room around it
        const double room = data.low == 0.0 ? 1.0 : std::abs(data.low) * 0.1;
        data = {data.low >= 0.0 ? std::max(0.0, data.low - room) : data.low - room, data.high + room};
    }
    // Widening may make the distance of ticks a larger one, which widens again.
    constexpr int kRounds = 4;
    for (int round = 0; round < kRounds; ++round) {
        const Unit unit = unitOf(kind, largestOf(data));
        const double step = tickStep(data, kind, intervals, unit) * unit.size;
        const AxisRange wide = {std::floor(data.low / step + kSlack) * step,
                                std::ceil(data.high / step - kSlack) * step};
        if (wide == data)
            break;
        data = wide;
    }
    return data;
}

AxisTicks linearTicks(AxisRange range, AxisKind kind, int intervals) {
    const Unit unit = unitOf(kind, largestOf(range));
    const double step = tickStep(range, kind, intervals, unit);
    const auto first = int64_t(std::ceil(range.low / unit.size / step - kSlack));
    const auto last = int64_t(std::floor(range.high / unit.size / step + kSlack));
    AxisTicks ticks;
    for (int64_t i = first; i <= last; ++i) {
        ticks.values.append(double(i) * step * unit.size);
        ticks.labels.append(tickLabel(double(i) * step, kind, step));
    }
    appendUnit(ticks, unit);
    return ticks;
}

AxisRange niceLogRange(AxisRange data) {
    data = {std::clamp(data.low, kSmallest, kLargest), std::clamp(data.high, kSmallest, kLargest)};
    const double lowPower = std::pow(10.0, std::floor(std::log10(data.low) + kSlack));
    double low = lowPower;
    for (const double factor : {2.0, 5.0})
        if (factor * lowPower <= data.low * (1.0 + kSlack))
            low = factor * lowPower;
    const double highPower = std::pow(10.0, std::floor(std::log10(data.high) + kSlack));
    double high = 10.0 * highPower;
    for (const double factor : {5.0, 2.0, 1.0})
        if (factor * highPower >= data.high * (1.0 - kSlack))
            high = factor * highPower;
    return high > low ? AxisRange{low, high} : AxisRange{low, 2.0 * low};
}

AxisTicks logTicks(AxisRange range, AxisKind kind, int intervals) {
    if (!(range.low > 0.0) || !std::isfinite(range.high))
        return {};
    if (range.high / range.low < 10.0 * (1.0 - kSlack))
        return linearTicks(range, kind, intervals);
    const double decades = std::log10(range.high / range.low);
    const bool isDense = decades * 3.0 <= intervals;
    const int stride = std::max(1, int(std::ceil(decades / std::max(intervals, 1))));
    const int first = int(std::floor(std::log10(range.low) + kSlack));
    const int last = int(std::floor(std::log10(range.high) + kSlack));
    AxisTicks ticks;
    for (int power = first; power <= last; power += isDense ? 1 : stride)
        for (const double factor : {1.0, 2.0, 5.0}) {
            const double value = factor * std::pow(10.0, power);
            if ((factor != 1.0 && !isDense) || value < range.low * (1.0 - kSlack) ||
                value > range.high * (1.0 + kSlack))
                continue;
            ticks.values.append(value);
            const Unit unit = unitOf(kind, value);
            const QString number = formatSetting(QString::number(value / unit.size, 'g', 3).toDouble());
            ticks.labels.append(unit.suffix.isEmpty() ? number : number + QLatin1Char(' ') + unit.suffix);
        }
    return ticks;
}

double nextHundred(double step) {
    return std::max(1.0, std::ceil(step / 100.0 - kSlack)) * 100.0;
}

QString formatAxisValue(double value, AxisKind kind) {
    if (!std::isfinite(value))
        return QStringLiteral("–");
    switch (kind) {
    case AxisKind::Number:
        return QLocale().toString(value, 'g', 3);
    case AxisKind::Loss:
        return formatLoss(value);
    case AxisKind::Setting:
        return formatSetting(QString::number(value, 'g', 3).toDouble());
    case AxisKind::Count:
        return formatCount(wholeNumber(value));
    case AxisKind::Tokens:
        return formatBig(wholeNumber(value));
    case AxisKind::Duration:
        return formatDuration(value);
    case AxisKind::Memory:
        return formatMemory(wholeNumber(value));
    }
    Q_UNREACHABLE();
}

} // namespace lorikeet::ui
