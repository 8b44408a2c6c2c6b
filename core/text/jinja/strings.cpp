// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/jinja/strings.h"

#include <unicode/locid.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include "core/text/utf8.h"

namespace lorikeet::jinja {

namespace {

template <typename Belongs>
std::string_view stripLeftWhile(std::string_view text, Belongs belongs) {
    std::size_t position = 0;
    while (position < text.size()) {
        std::size_t next = position;
        if (!belongs(nextCodePoint(text, next)))
            break;
        position = next;
    }
    return text.substr(position);
}

template <typename Belongs>
std::string_view stripRightWhile(std::string_view text, Belongs belongs) {
    std::size_t position = text.size();
    while (position > 0) {
        std::size_t previous = position;
        if (!belongs(previousCodePoint(text, previous)))
            break;
        position = previous;
    }
    return text.substr(0, position);
}

auto memberOf(std::string_view set) {
    return [set](char32_t c) {
        std::string character;
        appendUtf8(character, c);
        return set.find(character) != std::string_view::npos;
    };
}

icu::UnicodeString toUnicode(std::string_view text) {
    return icu::UnicodeString::fromUTF8({text.data(), static_cast<int32_t>(text.size())});
}

std::string fromUnicode(const icu::UnicodeString& text) {
    std::string result;
    return text.toUTF8String(result);
}

} // namespace

bool isPythonSpace(char32_t codePoint) {
    return (codePoint >= 0x1C && codePoint <= 0x1F) || isUnicodeSpace(codePoint);
}

std::string_view stripLeft(std::string_view text) {
    return stripLeftWhile(text, isPythonSpace);
}
std::string_view stripRight(std::string_view text) {
    return stripRightWhile(text, isPythonSpace);
}
std::string_view stripLeft(std::string_view text, std::string_view set) {
    return stripLeftWhile(text, memberOf(set));
}
std::string_view stripRight(std::string_view text, std::string_view set) {
    return stripRightWhile(text, memberOf(set));
}

std::string toUpper(std::string_view text) {
    return fromUnicode(toUnicode(text).toUpper(icu::Locale::getRoot()));
}
std::string toLower(std::string_view text) {
    return fromUnicode(toUnicode(text).toLower(icu::Locale::getRoot()));
}

std::string toTitle(std::string_view text) {
    std::string result;
    bool inWord = false;
    for (std::size_t i = 0; i < text.size();) {
        const auto c = static_cast<UChar32>(nextCodePoint(text, i));
        const bool letter = u_isUAlphabetic(c);
        appendUtf8(result, static_cast<char32_t>(inWord ? u_tolower(c) : u_totitle(c)));
        inWord = letter;
    }
    return result;
}

std::string capitalized(std::string_view text) {
    if (text.empty())
        return {};
    std::size_t first = 0;
    std::string result;
    appendUtf8(result, static_cast<char32_t>(u_totitle(static_cast<UChar32>(nextCodePoint(text, first)))));
    return result + toLower(text.substr(first));
}

std::string replaced(std::string_view text, std::string_view what, std::string_view with, int64_t count) {
    std::string result;
    std::size_t done = 0;
    while (count != 0) {
        // An empty `what` stands before every character and at the end.
        const std::size_t at = what.empty() ? done : text.find(what, done);
        if (at == std::string_view::npos)
            break;
        result.append(text.substr(done, at - done)).append(with);
        --count;
        done = at + what.size();
        if (what.empty()) {
            if (at >= text.size())
                return result;
            const std::size_t length = characterLength(text, at);
            result.append(text.substr(at, length));
            done = at + length;
        }
    }
    return result.append(text.substr(std::min(done, text.size())));
}

} // namespace lorikeet::jinja
