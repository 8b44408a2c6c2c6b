// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <stop_token>
#include <string>

namespace lorikeet::cli {

/// Lines of standard input, waited for in a way that a stop can end.
class LineInput {
public:
    /// The next line without its end; nothing at the end of the input or after a stop.
    std::optional<std::string> next(const std::stop_token& stop);

    /// All that is left of the input; nothing after a stop.
    std::optional<std::string> rest(const std::stop_token& stop);

private:
    std::optional<std::string> takeLine();
    /// Takes what has come, if anything comes soon.
    void readMore();

    std::string m_buffer;
    bool m_ended = false;
};

} // namespace lorikeet::cli
