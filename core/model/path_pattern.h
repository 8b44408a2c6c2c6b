// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace lorikeet {

/// A regular expression that the whole path of a layer must match (Perl's syntax, which Python's is close to).
class PathPattern {
public:
    /// Throws BadConfig, naming `key`, for an invalid expression.
    PathPattern(std::string_view expression, std::string_view key);
    ~PathPattern();
    PathPattern(const PathPattern&) = delete;
    PathPattern& operator=(const PathPattern&) = delete;

    /// Throws BadConfig where matching takes too many steps.
    bool matches(std::string_view path) const;

private:
    struct State;
    std::string m_expression;
    std::string m_key;
    std::unique_ptr<State> m_state;
};

} // namespace lorikeet
