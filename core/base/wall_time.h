// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

namespace lorikeet {

/// A date and time of day as a clock on the wall shows them, whatever its time zone: the seconds since such a clock
/// showed 1970-01-01 00:00. Kept, it tells the same date everywhere.
using WallTime = int64_t;

/// What the wall clock of this machine's time zone shows now.
WallTime wallTimeNow();
/// The same for that many seconds after 1970-01-01 00:00 UTC.
WallTime wallTimeAt(int64_t unixSeconds);

/// The time in a format of strftime, as Python formats a datetime without a time zone: %z and %Z are empty.
std::string wallTimeText(WallTime time, const std::string& format);

} // namespace lorikeet
