// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/byte_alphabet.h"

#include "core/text/utf8.h"

namespace lorikeet {

namespace {

bool standsForItself(int byte) {
    return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
}

std::array<char32_t, 256> makeCodePoints() {
    std::array<char32_t, 256> result{};
    char32_t next = 0x100;
    for (int byte = 0; byte < 256; ++byte)
        result[byte] = standsForItself(byte) ? static_cast<char32_t>(byte) : next++;
    return result;
}

std::array<int16_t, 0x144> makeInverse() {
    std::array<int16_t, 0x144> result;
    result.fill(-1);
    const auto codePoints = makeCodePoints();
    for (int byte = 0; byte < 256; ++byte)
        result[codePoints[byte]] = static_cast<int16_t>(byte);
    return result;
}

int hexDigit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

} // namespace

const std::array<std::string, 256>& byteAlphabet() {
    static const std::array<std::string, 256> kAlphabet = [] {
        std::array<std::string, 256> result;
        const auto codePoints = makeCodePoints();
        for (int byte = 0; byte < 256; ++byte)
            appendUtf8(result[byte], codePoints[byte]);
        return result;
    }();
    return kAlphabet;
}

std::string toByteAlphabet(std::string_view text) {
    const auto& alphabet = byteAlphabet();
    std::string result;
    result.reserve(text.size() + text.size() / 4);
    for (const char c : text)
        result += alphabet[static_cast<uint8_t>(c)];
    return result;
}

std::optional<std::string> fromByteAlphabet(std::string_view piece) {
    static const auto kInverse = makeInverse();
    std::string result;
    for (std::size_t i = 0; i < piece.size();) {
        const char32_t c = nextCodePoint(piece, i);
        if (c >= kInverse.size() || kInverse[c] < 0)
            return std::nullopt;
        result += static_cast<char>(kInverse[c]);
    }
    return result;
}

std::optional<uint8_t> fallbackByte(std::string_view piece) {
    if (piece.size() != 6 || !piece.starts_with("<0x") || piece[5] != '>')
        return std::nullopt;
    const int high = hexDigit(piece[3]), low = hexDigit(piece[4]);
    if (high < 0 || low < 0)
        return std::nullopt;
    return static_cast<uint8_t>(high * 16 + low);
}

} // namespace lorikeet
