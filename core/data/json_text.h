// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/data/row_reader.h"

namespace lorikeet {

/// Values nested deeper than this are refused.
inline constexpr std::size_t kDeepestJson = 64;

/// Parses one JSON object. Throws BadFile saying what is wrong, without a place.
Row parseJsonObject(std::string_view text);

/// The offset of the first character at or after `from` that is no white space of JSON; text.size() where there is
/// none.
std::size_t skipJsonSpace(std::string_view text, std::size_t from);

/// The offset just past the JSON value that begins at `begin`, found by its brackets and quotes alone: what is between
/// them may still be malformed. std::string_view::npos where the text ends within the value.
std::size_t endOfJsonValue(std::string_view text, std::size_t begin);

/// "an object", "text", "a list", ...: what kind of value this is, for messages.
std::string jsonKind(const Row& value);

} // namespace lorikeet
