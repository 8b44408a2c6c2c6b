// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace lorikeet {
namespace {

spdlog::level::level_enum toSpdlog(LogLevel level) {
    switch (level) {
    case LogLevel::Debug:
        return spdlog::level::debug;
    case LogLevel::Info:
        return spdlog::level::info;
    case LogLevel::Warning:
        return spdlog::level::warn;
    case LogLevel::Error:
        return spdlog::level::err;
    }
    return spdlog::level::err;
}

spdlog::logger& logger() {
    static spdlog::logger instance = [] {
        spdlog::logger created("lorikeet", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        created.set_pattern("%l: %v");
        created.set_level(spdlog::level::warn);
        created.flush_on(spdlog::level::debug);
        return created;
    }();
    return instance;
}

} // namespace

void setLogLevel(LogLevel level) {
    logger().set_level(toSpdlog(level));
}

void log(LogLevel level, std::string_view message) {
    logger().log(toSpdlog(level), spdlog::string_view_t(message.data(), message.size()));
}

} // namespace lorikeet
