// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/pipeline_tokenizer.h"

#include <algorithm>
#include <mutex>
#include <shared_mutex>

#include "core/base/error.h"
#include "core/text/utf8.h"

namespace lorikeet {

/// The tokens of short words met before. Any thread.
class PipelineTokenizer::WordCache {
public:
    static constexpr std::size_t kLongestWord = 48, kMostWords = 65536;

    bool append(std::string_view word, std::vector<TokenId>& ids) const {
        const std::shared_lock lock(m_mutex);
        const auto place = m_words.find(word);
        if (place == m_words.end())
            return false;
        ids.insert(ids.end(), place->second.begin(), place->second.end());
        return true;
    }

    void add(std::string_view word, std::span<const TokenId> ids) {
        const std::unique_lock lock(m_mutex);
        if (m_words.size() < kMostWords)
            m_words.try_emplace(std::string(word), ids.begin(), ids.end());
    }

private:
    struct Hash : std::hash<std::string_view> {
        using is_transparent = void;
    };

    mutable std::shared_mutex m_mutex;
    std::unordered_map<std::string, std::vector<TokenId>, Hash, std::equal_to<>> m_words;
};

namespace {

/// Ids beyond this cannot be a token: the largest vocabularies have a quarter of a million.
constexpr TokenId kHighestId = (1 << 23) - 1;

std::unique_ptr<const AddedTokenMatcher> makeMatcher(const TokenizerParts& parts, bool normalized) {
    std::vector<AddedToken> tokens;
    for (const AddedToken& token : parts.addedTokens) {
        if (token.normalized != normalized)
            continue;
        tokens.push_back(token);
        if (normalized)
            tokens.back().content = parts.normalizer.apply(token.content);
    }
    return std::make_unique<const AddedTokenMatcher>(std::move(tokens), parts.origin);
}

} // namespace

std::optional<TokenId> chooseToken(const TokenizerParts& parts, const std::optional<std::string>& text,
                                   std::optional<TokenId> standard, std::optional<TokenId> fallback) {
    const auto added = [&](auto&& isIt) {
        const auto place = std::find_if(parts.addedTokens.begin(), parts.addedTokens.end(), isIt);
        return place == parts.addedTokens.end() ? std::nullopt : std::optional(place->id);
    };
    if (text) {
        const auto id = added([&](const AddedToken& token) { return token.content == *text; });
        return id ? id : parts.vocabulary->find(*text);
    }
    if (standard || !fallback)
        return standard;
    if (parts.vocabulary->contains(*fallback) && !parts.vocabulary->piece(*fallback).empty())
        return fallback;
    return added([&](const AddedToken& token) { return token.id == *fallback; });
}

PipelineTokenizer::PipelineTokenizer(TokenizerParts parts)
    : m_parts(std::move(parts)), m_rawTokens(makeMatcher(m_parts, false)),
      m_normalizedTokens(makeMatcher(m_parts, true)), m_cache(std::make_unique<WordCache>()) {
    addBytes();
    const auto checkId = [&](TokenId id, const char* what) {
        if (id < 0 || id >= vocabularySize())
            fail(ErrorCode::BadFile, "{}: {} token {} is outside of the vocabulary of {}", m_parts.origin, what, id,
                 vocabularySize());
    };
    if (m_parts.bos)
        checkId(*m_parts.bos, "begin");
    if (m_parts.eos)
        checkId(*m_parts.eos, "end");
    for (const TokenId id : m_parts.prefix)
        checkId(id, "leading");
    for (const TokenId id : m_parts.suffix)
        checkId(id, "trailing");
}

PipelineTokenizer::~PipelineTokenizer() = default;

void PipelineTokenizer::addBytes() {
    const Vocabulary& vocabulary = *m_parts.vocabulary;
    m_bytes.resize(static_cast<std::size_t>(vocabulary.size()));
    for (TokenId id = 0; id < vocabulary.size(); ++id)
        m_bytes[id] = m_parts.decoder.bytes(vocabulary.piece(id));
    m_special.resize(m_bytes.size());
    for (const AddedToken& token : m_parts.addedTokens) {
        if (token.id < 0 || token.id > kHighestId)
            fail(ErrorCode::BadFile, "{}: added token '{}' has the id {}", m_parts.origin, token.content, token.id);
        const auto id = static_cast<std::size_t>(token.id);
        if (id >= m_bytes.size()) {
            m_bytes.resize(id + 1);
            m_special.resize(id + 1);
        }
        const std::string& piece = vocabulary.contains(token.id) ? vocabulary.piece(token.id) : std::string();
        if (!piece.empty() && piece != token.content)
            fail(ErrorCode::BadFile, "{}: added token '{}' has the id {} of '{}'", m_parts.origin, token.content,
                 token.id, piece);
        if (!m_addedIds.emplace(token.content, token.id).second)
            fail(ErrorCode::BadFile, "{}: added token '{}' is there twice", m_parts.origin, token.content);
        // A normalizer that marks spaces has marked those of the token too.
        const bool marked = (token.normalized || m_parts.leadingSpace != LeadingSpace::Never) && !token.special &&
                            !m_parts.preTokenizer.isByteLevel();
        m_bytes[id] = marked ? m_parts.decoder.bytes(m_parts.normalizer.apply(token.content)) : token.content;
        m_special[id] = token.special;
    }
}

std::vector<TokenId> PipelineTokenizer::encode(std::string_view text, EncodeOptions options) const {
    requireUtf8(text, "encode");
    std::vector<TokenId> ids;
    if (options.addSpecial)
        ids = m_parts.prefix;
    m_rawTokens->split(
        text, options.parseSpecial,
        [&](std::string_view raw) { encodeNormalized(raw, raw.data() == text.data(), options.parseSpecial, ids); },
        [&](TokenId id) { ids.push_back(id); });
    if (options.addSpecial)
        ids.insert(ids.end(), m_parts.suffix.begin(), m_parts.suffix.end());
    return ids;
}

void PipelineTokenizer::encodeNormalized(std::string_view raw, bool atStart, bool parseSpecial,
                                         std::vector<TokenId>& ids) const {
    std::string changed;
    std::string_view text = raw;
    if (m_parts.leadingSpace == LeadingSpace::AfterSpecial ||
        (m_parts.leadingSpace == LeadingSpace::AtStart && atStart)) {
        changed = " ";
        changed += raw;
        text = changed;
    }
    if (!m_parts.normalizer.empty()) {
        changed = m_parts.normalizer.apply(text);
        text = changed;
    }
    m_normalizedTokens->split(
        text, parseSpecial,
        [&](std::string_view words) { encodeWords(words, atStart && words.data() == text.data(), ids); },
        [&](TokenId id) { ids.push_back(id); });
}

void PipelineTokenizer::encodeWords(std::string_view normalized, bool atStart, std::vector<TokenId>& ids) const {
    const Pieces words = m_parts.preTokenizer.apply(normalized, atStart);
    for (std::size_t i = 0; i < words.count(); ++i) {
        const std::string_view word = words[i];
        const bool cached = word.size() <= WordCache::kLongestWord;
        if (cached && m_cache->append(word, ids))
            continue;
        const std::size_t before = ids.size();
        m_parts.model->encode(word, ids);
        if (cached)
            m_cache->add(word, std::span(ids).subspan(before));
    }
}

std::string PipelineTokenizer::decode(std::span<const TokenId> ids, bool keepSpecial) const {
    std::string bytes;
    for (const TokenId id : ids) {
        requireId(id, "decode");
        if (keepSpecial || !m_special[id])
            bytes += m_bytes[id];
    }
    std::size_t spaces = 0;
    while (spaces < static_cast<std::size_t>(m_parts.decoder.strippedSpaces()) && spaces < bytes.size() &&
           bytes[spaces] == ' ')
        ++spaces;
    return replaceInvalidUtf8(std::string_view(bytes).substr(spaces));
}

std::string PipelineTokenizer::pieceBytes(TokenId id) const {
    requireId(id, "pieceBytes");
    return m_bytes[id];
}

bool PipelineTokenizer::addsBos() const {
    return m_parts.bos && !m_parts.prefix.empty() && m_parts.prefix.front() == *m_parts.bos;
}

bool PipelineTokenizer::addsEos() const {
    return m_parts.eos && !m_parts.suffix.empty() && m_parts.suffix.back() == *m_parts.eos;
}

bool PipelineTokenizer::isSpecial(TokenId id) const {
    return id >= 0 && id < vocabularySize() && m_special[id];
}

std::optional<TokenId> PipelineTokenizer::find(std::string_view token) const {
    const auto place = m_addedIds.find(std::string(token));
    return place != m_addedIds.end() ? std::optional(place->second) : m_parts.vocabulary->find(token);
}

void PipelineTokenizer::requireId(TokenId id, const char* operation) const {
    if (id < 0 || id >= vocabularySize())
        fail(ErrorCode::InvalidArgument, "{}: token {} is outside of the vocabulary of {}", operation, id,
             vocabularySize());
}

} // namespace lorikeet
