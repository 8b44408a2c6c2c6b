// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/error.h"

namespace lorikeet::jinja {

/// Throws BadFile "chat template, line N: ...".
template <typename... Args>
[[noreturn]] void faultAt(int line, fmt::format_string<Args...> format, Args&&... args) {
    fail(ErrorCode::BadFile, "chat template, line {}: {}", line, fmt::vformat(format, fmt::make_format_args(args...)));
}

/// Throws NotBuilt "chat template, line N: ... is not supported".
[[noreturn]] inline void unsupportedAt(int line, std::string_view what) {
    fail(ErrorCode::NotBuilt, "chat template, line {}: {} is not supported", line, what);
}

/// What one rendering may use, and the line at which it is.
class Limits {
public:
    static constexpr int64_t kSteps = 4'000'000;
    static constexpr int kDepth = 500;
    static constexpr std::size_t kOutputBytes = std::size_t(64) << 20;
    /// Bytes of all intermediate strings and lists together, beside what the messages need.
    static constexpr std::size_t kIntermediateBytes = std::size_t(256) << 20;

    explicit Limits(std::size_t inputBytes) : m_bytes(kIntermediateBytes + 32 * inputBytes) {}

    int line = 1;

    /// Throws BadFile once all steps are spent.
    void spend(int64_t steps = 1) {
        m_steps -= steps;
        if (m_steps < 0)
            faultAt(line, "takes more than {} steps", kSteps);
    }

    /// Before building an intermediate value of so many bytes. Throws BadFile where it is too much.
    void allocate(std::size_t bytes) {
        if (bytes > m_bytes)
            faultAt(line, "builds values of more than {} bytes", kIntermediateBytes);
        m_bytes -= bytes;
        spend(static_cast<int64_t>(bytes / 64));
    }

    template <typename... Args>
    [[noreturn]] void fault(fmt::format_string<Args...> format, Args&&... args) const {
        faultAt(line, format, std::forward<Args>(args)...);
    }

    /// One level of evaluation, for as long as it lives.
    class Level {
    public:
        explicit Level(Limits& limits) : m_limits(limits) {
            if (++limits.m_depth > kDepth) {
                --limits.m_depth;
                limits.fault("nested deeper than {} levels", kDepth);
            }
        }
        ~Level() { --m_limits.m_depth; }
        Level(const Level&) = delete;
        Level& operator=(const Level&) = delete;

    private:
        Limits& m_limits;
    };

private:
    int64_t m_steps = kSteps;
    std::size_t m_bytes;
    int m_depth = 0;
};

} // namespace lorikeet::jinja
