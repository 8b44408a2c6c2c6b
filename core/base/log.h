// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

#include <fmt/core.h>

namespace lorikeet {

enum class LogLevel { Debug, Info, Warning, Error };

/// Messages below `level` are dropped from here on. The default is Warning. Any thread.
void setLogLevel(LogLevel level);

/// Writes one line to stderr (never stdout: that belongs to results). Any thread.
void log(LogLevel level, std::string_view message);

template <typename... Args>
void logInfo(fmt::format_string<Args...> format, Args&&... args) {
    log(LogLevel::Info, fmt::vformat(format, fmt::make_format_args(args...)));
}

template <typename... Args>
void logWarning(fmt::format_string<Args...> format, Args&&... args) {
    log(LogLevel::Warning, fmt::vformat(format, fmt::make_format_args(args...)));
}

} // namespace lorikeet
