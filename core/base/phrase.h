// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lorikeet {

/// A sentence for people, kept apart from its values so that a program can say it in another language: an English
/// pattern in which each {} stands for a value.
struct Phrase {
    std::string pattern;
    std::vector<std::string> values;

    bool empty() const { return pattern.empty(); }
    /// In English.
    std::string text() const { return filled(pattern); }
    /// `other` with the values in it: {} takes the next one, {2} the second, for other languages order them otherwise.
    /// What stands in a value is never looked at. A place without a value stays empty.
    std::string filled(std::string_view other) const;

    bool operator==(const Phrase&) const = default;
};

/// The calls of this function are where translators find the patterns, so they are given as they stand.
template <typename... Values>
Phrase phrase(const char* pattern, const Values&... values) {
    return {pattern, {std::string(values)...}};
}

/// What comes from elsewhere, such as the message of an error, and is said as it is.
inline Phrase verbatim(std::string text) {
    return {"{}", {std::move(text)}};
}

} // namespace lorikeet
