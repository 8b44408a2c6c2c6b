// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/jinja/literals.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "core/text/jinja/limits.h"
#include "core/text/utf8.h"

namespace lorikeet::jinja {

namespace {

/// The escape whose letter is at `i`; gives its last character's place.
std::size_t unescapeOne(std::string_view text, std::size_t i, int line, std::string& result) {
    constexpr std::string_view kLetters = "abfnrtv\\'\"", kMeanings = "\a\b\f\n\r\t\v\\'\"";
    const char c = text[i];
    if (const std::size_t place = kLetters.find(c); place != std::string_view::npos) {
        result += kMeanings[place];
        return i;
    }
    if (c == '\n')
        return i;
    if (c == 'N')
        unsupportedAt(line, "the escape \\N");
    std::size_t begin = i + 1, length = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    int base = 16;
    if (c >= '0' && c <= '7') {
        begin = i;
        base = 8;
        while (length < 3 && i + length < text.size() && text[i + length] >= '0' && text[i + length] <= '7')
            ++length;
    }
    if (length == 0) {
        result.append({'\\', c});
        return i;
    }
    uint32_t code = 0;
    const std::string_view digits = text.substr(std::min(begin, text.size()), length);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, base);
    if (error != std::errc() || end != digits.data() + length || digits.size() != length || code > 0x10FFFF ||
        (code >= 0xD800 && code < 0xE000))
        faultAt(line, "malformed escape \\{} in a string", c);
    appendUtf8(result, code);
    return begin + length - 1;
}

} // namespace

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

NumberSpan scanNumber(std::string_view source, std::size_t begin) {
    std::size_t end = begin;
    const auto digits = [&] {
        while (end < source.size() && (isDigit(source[end]) || source[end] == '_'))
            ++end;
    };
    const auto digitAt = [&](std::size_t index) { return index < source.size() && isDigit(source[index]); };
    digits();
    bool real = false;
    if (end < source.size() && source[end] == '.' && digitAt(end + 1)) {
        real = true;
        ++end;
        digits();
    }
    if (end < source.size() && (source[end] == 'e' || source[end] == 'E')) {
        const bool sign = end + 1 < source.size() && (source[end + 1] == '-' || source[end + 1] == '+');
        if (digitAt(end + 1 + (sign ? 1 : 0))) {
            real = true;
            end += sign ? 2 : 1;
            digits();
        }
    }
    return {end, real};
}

std::string unescaped(std::string_view text, int line) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            result += text[i];
            continue;
        }
        i = unescapeOne(text, i + 1, line, result);
    }
    return result;
}

} // namespace lorikeet::jinja
