// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lorikeet::jinja {

bool isDigit(char c);

/// Where a number ends, and whether it has a fraction or an exponent.
struct NumberSpan {
    std::size_t end = 0;
    bool isReal = false;
};

/// The number that begins at `begin`, '_' between its digits included.
NumberSpan scanNumber(std::string_view source, std::size_t begin);

/// What stands between the quotes of a string, with Python's escapes read. Throws BadFile naming the line for a
/// malformed escape, NotBuilt for \N.
std::string unescaped(std::string_view text, int line);

} // namespace lorikeet::jinja
