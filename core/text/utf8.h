// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lorikeet {

/// The first byte of `text` that starts no valid UTF-8 character, or npos.
std::size_t findInvalidUtf8(std::string_view text);

/// Throws InvalidArgument "<operation>: text is not UTF-8 at byte N" unless `text` is UTF-8.
void requireUtf8(std::string_view text, std::string_view operation);

/// `text` with every maximal invalid sequence replaced by U+FFFD.
std::string replaceInvalidUtf8(std::string_view text);

/// Length in bytes of the character at `position` of valid UTF-8.
std::size_t characterLength(std::string_view text, std::size_t position);

/// The code point at `position` of valid UTF-8; `position` moves past it.
char32_t nextCodePoint(std::string_view text, std::size_t& position);

/// The code point before `position` of valid UTF-8; `position` moves to its start.
char32_t previousCodePoint(std::string_view text, std::size_t& position);

void appendUtf8(std::string& text, char32_t codePoint);

/// Unicode property White_Space.
bool isUnicodeSpace(char32_t codePoint);

/// Letters, numbers, marks and the underscore: what a regular expression's \w matches.
bool isWordCharacter(char32_t codePoint);

} // namespace lorikeet
