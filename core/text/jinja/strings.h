// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lorikeet::jinja {

/// White space as Python's str.strip sees it.
bool isPythonSpace(char32_t codePoint);

/// `text`, valid UTF-8, without white space at one end.
std::string_view stripLeft(std::string_view text);
std::string_view stripRight(std::string_view text);

/// Without characters out of `set` at one end.
std::string_view stripLeft(std::string_view text, std::string_view set);
std::string_view stripRight(std::string_view text, std::string_view set);

/// By Unicode's full case mapping.
std::string toUpper(std::string_view text);
std::string toLower(std::string_view text);
/// First letter of every run of letters in upper case, the others in lower case.
std::string toTitle(std::string_view text);
/// First character in upper case, the others in lower case.
std::string capitalized(std::string_view text);

/// At most `count` replacements, all where it is negative.
std::string replaced(std::string_view text, std::string_view what, std::string_view with, int64_t count);

} // namespace lorikeet::jinja
