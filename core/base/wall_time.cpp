// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/wall_time.h"

#include <ctime>

namespace lorikeet {

WallTime wallTimeNow() {
    return wallTimeAt(std::time(nullptr));
}

WallTime wallTimeAt(int64_t unixSeconds) {
    const std::time_t seconds = unixSeconds;
    std::tm shown{};
    localtime_r(&seconds, &shown);
    return timegm(&shown);
}

std::string wallTimeText(WallTime time, const std::string& format) {
    const std::time_t seconds = time;
    std::tm shown{};
    gmtime_r(&seconds, &shown);
    shown.tm_isdst = -1; // "not known": no offset is printed
    shown.tm_zone = "";
    char buffer[512];
    return {buffer, std::strftime(buffer, sizeof buffer, format.c_str(), &shown)};
}

} // namespace lorikeet
