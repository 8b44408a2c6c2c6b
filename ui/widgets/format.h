// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <cstdint>
#include <optional>

namespace lorikeet::ui {

// How numbers are written for reading. All follow the language of the application.

/// Memory, binary: "1.23 GiB", "488 MiB".
QString formatMemory(int64_t bytes);
/// Files and disks, decimal: "1.23 GB", "4.17 MB".
QString formatFileSize(int64_t bytes);
/// "45 s", "2 min 14 s", "1 h 3 min".
QString formatDuration(double seconds);
/// "740 tok/s".
QString formatSpeed(double tokensPerSecond);
/// "7,473".
QString formatCount(int64_t count);
/// "135 M", "8.03 B", "950": for parameters and tokens.
QString formatBig(int64_t count);
/// "0.843"; an en dash for what is not finite.
QString formatLoss(double loss);
/// As one types it: "2e-4", "0.3".
QString formatSetting(double value);
/// "Today, 02:14", "Yesterday, 18:02", "20 Nov, 16:48".
QString formatWhen(int64_t unixMilliseconds);
/// "61 %", "0.08 %".
QString formatShare(double share);

} // namespace lorikeet::ui
