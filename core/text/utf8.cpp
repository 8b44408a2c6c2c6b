// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/utf8.h"

#include <algorithm>
#include <cstdint>

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include "core/base/error.h"

namespace lorikeet {

namespace {

const uint8_t* bytesOf(std::string_view text) {
    return reinterpret_cast<const uint8_t*>(text.data());
}

} // namespace

std::size_t findInvalidUtf8(std::string_view text) {
    const uint8_t* bytes = bytesOf(text);
    const std::size_t size = text.size();
    std::size_t i = 0;
    while (i < size) {
        if (bytes[i] < 0x80) {
            ++i;
            continue;
        }
        const std::size_t start = i;
        UChar32 c;
        U8_NEXT(bytes, i, size, c);
        if (c < 0)
            return start;
    }
    return std::string_view::npos;
}

void requireUtf8(std::string_view text, std::string_view operation) {
    if (const std::size_t bad = findInvalidUtf8(text); bad != std::string_view::npos)
        fail(ErrorCode::InvalidArgument, "{}: text is not UTF-8 at byte {} of {}", operation, bad, text.size());
}

std::string replaceInvalidUtf8(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    const uint8_t* bytes = bytesOf(text);
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t start = i;
        UChar32 c;
        U8_NEXT(bytes, i, text.size(), c);
        if (c < 0)
            result += "\xEF\xBF\xBD";
        else
            result.append(text, start, i - start);
    }
    return result;
}

std::size_t characterLength(std::string_view text, std::size_t position) {
    const auto lead = static_cast<uint8_t>(text[position]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    return std::min(length, text.size() - position);
}

char32_t nextCodePoint(std::string_view text, std::size_t& position) {
    UChar32 c;
    U8_NEXT_OR_FFFD(bytesOf(text), position, text.size(), c);
    return static_cast<char32_t>(c);
}

char32_t previousCodePoint(std::string_view text, std::size_t& position) {
    do
        --position;
    while (position > 0 && (static_cast<uint8_t>(text[position]) & 0xC0) == 0x80);
    std::size_t end = position;
    return nextCodePoint(text, end);
}

void appendUtf8(std::string& text, char32_t codePoint) {
    char buffer[U8_MAX_LENGTH];
    std::size_t length = 0;
    U8_APPEND_UNSAFE(buffer, length, codePoint);
    text.append(buffer, length);
}

bool isUnicodeSpace(char32_t codePoint) {
    return u_hasBinaryProperty(static_cast<UChar32>(codePoint), UCHAR_WHITE_SPACE);
}

bool isWordCharacter(char32_t codePoint) {
    const auto c = static_cast<UChar32>(codePoint);
    constexpr uint32_t kMask = U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK;
    return (U_GET_GC_MASK(c) & kMask) != 0 || u_isUAlphabetic(c) || u_hasBinaryProperty(c, UCHAR_JOIN_CONTROL);
}

} // namespace lorikeet
