// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lorikeet {

/// sentencepiece_model.proto: SentencePiece.Type
enum class PieceType { Normal = 1, Unknown = 2, Control = 3, UserDefined = 4, Unused = 5, Byte = 6 };

struct SentencePieceEntry {
    std::string text;
    float score = 0;
    PieceType type = PieceType::Normal;
};

/// What a SentencePiece file (tokenizer.model) says beside what libsentencepiece does with it.
struct SentencePieceModel {
    std::vector<SentencePieceEntry> pieces;
    bool addsDummyPrefix = true;
    bool removesExtraSpaces = true;
};

/// Reads and checks the file's protocol buffer, so that nothing malformed reaches libsentencepiece: field lengths,
/// pieces (unique, UTF-8, finite scores, one unknown), kind of model, tables of the normalizer. Throws BadFile naming
/// `origin` and the fault, NotBuilt for another kind than BPE and unigram.
SentencePieceModel parseSentencePieceModel(std::string_view bytes, const std::string& origin);

} // namespace lorikeet
