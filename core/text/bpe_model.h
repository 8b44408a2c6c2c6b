// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/text/word_model.h"

namespace lorikeet {

class Vocabulary;

struct BpeOptions {
    std::optional<std::string> unknownToken;
    bool fuseUnknown = false;  ///< one unknown token for a run of unknown characters
    bool byteFallback = false; ///< an unknown character becomes its bytes, "<0xE2>" ..., where all are pieces
    bool ignoreMerges = false; ///< a word that is a piece stays whole, whatever the merges say
};

/// Byte pair encoding by ranked merges (Sennrich et al. 2016): of all neighbours that form a merge, the pair of lowest
/// rank, leftmost first, joins until none is left. O(n log n) in the length of a word. A character that is no piece and
/// has no unknown token to stand for it is dropped, as the tokenizers library does.
class BpeModel : public WordModel {
public:
    /// `merges` in order of rank. `vocabulary` must outlive the model. Throws BadFile where a merge's part or result is
    /// no piece.
    BpeModel(const Vocabulary& vocabulary, std::span<const std::pair<std::string, std::string>> merges,
             const BpeOptions& options, std::string_view origin);

    void encode(std::string_view word, std::vector<TokenId>& ids) const override;

private:
    struct Merge {
        uint32_t rank;
        TokenId merged;
    };
    struct Symbol {
        TokenId id;
        int32_t previous, next; ///< -1 at the ends; a symbol that was merged away has id -1
    };

    const Merge* findMerge(TokenId left, TokenId right) const;
    void split(std::string_view word, std::vector<Symbol>& symbols) const;
    bool appendBytes(std::string_view character, std::vector<Symbol>& symbols) const;
    void merge(std::vector<Symbol>& symbols) const;

    const Vocabulary& m_vocabulary;
    std::unordered_map<uint64_t, Merge> m_merges;
    std::array<TokenId, 128> m_ascii; ///< id of each ASCII character, -1 where it is no piece
    std::array<TokenId, 256> m_bytes; ///< id of each byte-fallback piece, -1 where it is none
    std::optional<TokenId> m_unknown;
    bool m_fuseUnknown, m_byteFallback, m_ignoreMerges;
};

} // namespace lorikeet
