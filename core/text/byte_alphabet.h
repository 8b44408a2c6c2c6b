// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lorikeet {

/// The printable character that GPT-2's byte-level vocabularies write for each byte: printable Latin-1 bytes for
/// themselves, the 68 others as U+0100 upwards, in order.
const std::array<std::string, 256>& byteAlphabet();

/// `text` byte by byte in that alphabet.
std::string toByteAlphabet(std::string_view text);

/// The bytes that `piece` stands for, or none where a character is not of the alphabet.
std::optional<std::string> fromByteAlphabet(std::string_view piece);

/// The byte of a byte-fallback piece "<0x0A>", or none.
std::optional<uint8_t> fallbackByte(std::string_view piece);

} // namespace lorikeet
