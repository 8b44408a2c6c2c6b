// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "core/text/word_model.h"

namespace lorikeet {

class Vocabulary;

/// SentencePiece's BPE by scores: of all neighbours whose joint text is a piece, the one of highest score, leftmost
/// first, joins until none is left; what is no piece then becomes its bytes ("<0xE2>" ...), or the unknown token.
/// O(n log n) in the length of the text.
class SentencePieceBpe : public WordModel {
public:
    /// `scores[id]`; pieces whose id is not in `usable` never come out of merges. `vocabulary` must outlive the model.
    /// Throws BadFile where a score is not finite, or neither all bytes nor an unknown token are there.
    SentencePieceBpe(const Vocabulary& vocabulary, std::vector<float> scores, const std::vector<bool>& usable,
                     TokenId unknown, std::string_view origin);

    void encode(std::string_view word, std::vector<TokenId>& ids) const override;

private:
    struct Symbol {
        std::string_view text; ///< empty where it was merged away
        int32_t previous, next;
    };

    TokenId findUsable(std::string_view text) const;
    void append(std::string_view text, std::vector<TokenId>& ids) const;
    void merge(std::vector<Symbol>& symbols) const;

    const Vocabulary& m_vocabulary;
    std::vector<float> m_scores;
    std::vector<bool> m_usable;
    std::array<TokenId, 256> m_bytes; ///< -1 where there is no piece for the byte
    TokenId m_unknown;                ///< -1 where there is none
};

} // namespace lorikeet
