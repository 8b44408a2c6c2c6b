// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/text/added_tokens.h"
#include "core/text/normalizer.h"
#include "core/text/piece_decoder.h"
#include "core/text/pre_tokenizer.h"
#include "core/text/tokenizer.h"
#include "core/text/vocabulary.h"
#include "core/text/word_model.h"

namespace lorikeet {

/// Where SentencePiece puts a space of its own in front.
enum class LeadingSpace {
    Never,
    AtStart,      ///< of the whole text
    AfterSpecial, ///< also of what follows an added token
};

/// What a tokenizer file describes, whatever its format.
struct TokenizerParts {
    std::string origin;                     ///< the file, for messages
    std::unique_ptr<Vocabulary> vocabulary; ///< what the model cuts words into
    std::vector<AddedToken> addedTokens;    ///< their ids may lie outside of the vocabulary
    LeadingSpace leadingSpace = LeadingSpace::Never;
    Normalizer normalizer;
    PreTokenizer preTokenizer;
    std::unique_ptr<const WordModel> model;
    PieceDecoder decoder;
    std::vector<TokenId> prefix, suffix; ///< what addSpecial puts around a text
    std::optional<TokenId> bos, eos;
};

/// The id of a token by its text, else `standard`, else `fallback` where the parts know that id. The text of an unknown
/// token gives nothing.
std::optional<TokenId> chooseToken(const TokenizerParts& parts, const std::optional<std::string>& text,
                                   std::optional<TokenId> standard, std::optional<TokenId> fallback);

/// Added tokens, then normalizer, pre-tokenizer and model on what lies between them: how the tokenizers library works.
class PipelineTokenizer : public Tokenizer {
public:
    /// Throws BadFile where ids lie outside of the vocabulary or contradict each other.
    explicit PipelineTokenizer(TokenizerParts parts);
    ~PipelineTokenizer() override;

    std::vector<TokenId> encode(std::string_view text, EncodeOptions options = {}) const override;
    std::string decode(std::span<const TokenId> ids, bool keepSpecial = false) const override;
    std::string pieceBytes(TokenId id) const override;
    int64_t vocabularySize() const override { return static_cast<int64_t>(m_bytes.size()); }
    std::optional<TokenId> bos() const override { return m_parts.bos; }
    std::optional<TokenId> eos() const override { return m_parts.eos; }
    bool addsBos() const override;
    bool addsEos() const override;
    bool isSpecial(TokenId id) const override;
    std::optional<TokenId> find(std::string_view token) const override;

private:
    class WordCache;

    void addBytes();
    void encodeWords(std::string_view normalized, bool atStart, std::vector<TokenId>& ids) const;
    void encodeNormalized(std::string_view raw, bool atStart, bool parseSpecial, std::vector<TokenId>& ids) const;
    void requireId(TokenId id, const char* operation) const;

    TokenizerParts m_parts;
    std::unique_ptr<const AddedTokenMatcher> m_rawTokens, m_normalizedTokens;
    std::unordered_map<std::string, TokenId> m_addedIds;
    std::vector<std::string> m_bytes; ///< by id
    std::vector<bool> m_special;      ///< by id
    std::unique_ptr<WordCache> m_cache;
};

} // namespace lorikeet
