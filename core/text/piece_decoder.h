// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace lorikeet {

/// From the written form of a piece back to the bytes that it stands for.
class PieceDecoder {
public:
    /// Pieces stand for themselves.
    PieceDecoder() = default;

    /// From the "decoder" of a tokenizer.json, null included. Throws BadFile where it is malformed, NotBuilt naming a
    /// type that is not supported.
    static PieceDecoder parse(const nlohmann::json& value, const std::string& origin);

    /// Pieces in GPT-2's alphabet.
    static PieceDecoder byteLevel();
    /// SentencePiece: U+2581 is a space, "<0x0A>" a byte, and up to `strippedSpaces` leading spaces of a text are not
    /// its own.
    static PieceDecoder sentencePiece(int strippedSpaces);

    std::string bytes(std::string_view piece) const;

    /// Leading spaces of a whole decoded text that are not part of it: at most so many.
    int strippedSpaces() const { return m_strippedSpaces; }

private:
    void parseInto(const nlohmann::json& value, const std::string& origin, int depth);

    std::vector<std::pair<std::string, std::string>> m_replacements;
    bool m_byteLevel = false, m_byteFallback = false;
    int m_strippedSpaces = 0;
};

} // namespace lorikeet
