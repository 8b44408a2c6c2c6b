// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/format.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>

#include <array>
#include <cmath>

namespace lorikeet::ui {
namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("Format", text);
}

/// Three digits that count: 1.23, 12.3, 488.
QString threeDigits(double value) {
    const double rounded = std::abs(value);
    return QLocale().toString(value, 'f', rounded < 9.995 ? 2 : rounded < 99.95 ? 1 : 0);
}

QString scaled(int64_t bytes, double step, const std::array<const char*, 5>& units) {
    double value = double(bytes);
    size_t unit = 0;
    while (std::abs(value) >= 0.9995 * step && unit + 1 < units.size()) {
        value /= step;
        ++unit;
    }
    const QString number = unit == 0 ? QLocale().toString(value, 'f', 0) : threeDigits(value);
    return QStringLiteral("%1 %2").arg(number, QLatin1String(units[unit]));
}

} // namespace

QString formatMemory(int64_t bytes) {
    return scaled(bytes, 1024.0, {"B", "KiB", "MiB", "GiB", "TiB"});
}

QString formatFileSize(int64_t bytes) {
    return scaled(bytes, 1000.0, {"B", "kB", "MB", "GB", "TB"});
}

QString formatDuration(double seconds) {
    if (!std::isfinite(seconds) || seconds < 0)
        return QStringLiteral("–");
    const auto whole = int64_t(std::llround(seconds));
    if (whole < 60)
        return tr("%1 s").arg(whole);
    if (whole < 3600)
        return tr("%1 min %2 s").arg(whole / 60).arg(whole % 60);
    if (whole < 48 * 3600)
        return tr("%1 h %2 min").arg(whole / 3600).arg(whole % 3600 / 60);
    return tr("%1 d %2 h").arg(whole / 86400).arg(whole % 86400 / 3600);
}

QString formatSpeed(double tokensPerSecond) {
    if (!std::isfinite(tokensPerSecond))
        return QStringLiteral("–");
    return tr("%1 tok/s").arg(QLocale().toString(tokensPerSecond, 'f', tokensPerSecond < 9.95 ? 1 : 0));
}

QString formatCount(int64_t count) {
    return QLocale().toString(qlonglong(count));
}

QString formatBig(int64_t count) {
    if (count < 1000000)
        return formatCount(count);
    return count < 1000000000 ? tr("%1 M").arg(threeDigits(double(count) / 1e6))
                              : tr("%1 B").arg(threeDigits(double(count) / 1e9));
}

QString formatLoss(double loss) {
    return std::isfinite(loss) ? QLocale().toString(loss, 'f', 3) : QStringLiteral("–");
}

QString formatSetting(double value) {
    // Shortest of both ways to write it, without a plus or a leading zero in the exponent: 2e-4, not 2e-04.
    const QString plain = QString::number(value, 'g', QLocale::FloatingPointShortest);
    if (value == 0.0 || (std::abs(value) >= 1e-2 && std::abs(value) < 1e6))
        return QString::number(value, 'f', QLocale::FloatingPointShortest);
    QString scientific = QString::number(value, 'e', QLocale::FloatingPointShortest);
    scientific.replace(QStringLiteral("e+0"), QStringLiteral("e")).replace(QStringLiteral("e-0"), QStringLiteral("e-"));
    return scientific.size() <= plain.size() ? scientific : plain;
}

QString formatWhen(int64_t unixMilliseconds) {
    const QDateTime when = QDateTime::fromMSecsSinceEpoch(unixMilliseconds);
    const QDate today = QDate::currentDate();
    const QString time = QLocale().toString(when.time(), QStringLiteral("HH:mm"));
    if (when.date() == today)
        return tr("Today, %1").arg(time);
    if (when.date() == today.addDays(-1))
        return tr("Yesterday, %1").arg(time);
    const QString format = when.date().year() == today.year() ? QStringLiteral("d MMM") : QStringLiteral("d MMM yyyy");
    return QStringLiteral("%1, %2").arg(QLocale().toString(when.date(), format), time);
}

QString formatShare(double share) {
    const double percent = 100.0 * share;
    const int decimals = percent == 0.0 || percent >= 9.95 ? 0 : percent >= 0.995 ? 1 : 2;
    return tr("%1 %").arg(QLocale().toString(percent, 'f', decimals));
}

} // namespace lorikeet::ui
