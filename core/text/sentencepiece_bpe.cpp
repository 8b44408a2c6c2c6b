// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/sentencepiece_bpe.h"

#include <algorithm>
#include <cmath>
#include <queue>

#include "core/base/error.h"
#include "core/text/byte_alphabet.h"
#include "core/text/utf8.h"
#include "core/text/vocabulary.h"

namespace lorikeet {

namespace {

struct Candidate {
    float score;
    int32_t left, right;
    std::size_t bytes; ///< of both; tells whether one of them has grown since

    /// A priority queue gives its greatest first: high scores, then low positions.
    bool operator<(const Candidate& other) const {
        return score != other.score ? score < other.score : left > other.left;
    }
};

} // namespace

SentencePieceBpe::SentencePieceBpe(const Vocabulary& vocabulary, std::vector<float> scores,
                                   const std::vector<bool>& usable, TokenId unknown, std::string_view origin)
    : m_vocabulary(vocabulary), m_scores(std::move(scores)), m_usable(usable), m_unknown(unknown) {
    if (std::ssize(m_scores) != vocabulary.size() || std::ssize(m_usable) != vocabulary.size())
        fail(ErrorCode::BadFile, "{}: {} scores for {} tokens", origin, m_scores.size(), vocabulary.size());
    for (std::size_t id = 0; id < m_scores.size(); ++id)
        if (!std::isfinite(m_scores[id]))
            fail(ErrorCode::BadFile, "{}: the score of token {} is {}", origin, id, m_scores[id]);
    m_bytes.fill(-1);
    for (TokenId id = 0; id < vocabulary.size(); ++id)
        if (const auto byte = fallbackByte(vocabulary.piece(id)))
            m_bytes[*byte] = id;
    const bool allBytes = std::all_of(m_bytes.begin(), m_bytes.end(), [](TokenId id) { return id >= 0; });
    if (!allBytes && (unknown < 0 || unknown >= vocabulary.size()))
        fail(ErrorCode::BadFile, "{}: neither an unknown token nor a piece for every byte", origin);
}

TokenId SentencePieceBpe::findUsable(std::string_view text) const {
    const auto id = m_vocabulary.find(text);
    return id && m_usable[*id] ? *id : -1;
}

void SentencePieceBpe::append(std::string_view text, std::vector<TokenId>& ids) const {
    if (const TokenId id = findUsable(text); id >= 0) {
        ids.push_back(id);
        return;
    }
    const auto known = [&](char byte) { return m_bytes[static_cast<uint8_t>(byte)] >= 0; };
    if (!std::all_of(text.begin(), text.end(), known)) {
        ids.push_back(m_unknown);
        return;
    }
    for (const char byte : text)
        ids.push_back(m_bytes[static_cast<uint8_t>(byte)]);
}

void SentencePieceBpe::encode(std::string_view word, std::vector<TokenId>& ids) const {
    std::vector<Symbol> symbols;
    symbols.reserve(word.size());
    for (std::size_t i = 0; i < word.size();) {
        const std::size_t length = characterLength(word, i);
        const auto index = static_cast<int32_t>(symbols.size());
        i += length;
        symbols.push_back({word.substr(i - length, length), index - 1, i < word.size() ? index + 1 : -1});
    }
    merge(symbols);
    for (const Symbol& symbol : symbols)
        if (!symbol.text.empty())
            append(symbol.text, ids);
}

void SentencePieceBpe::merge(std::vector<Symbol>& symbols) const {
    std::priority_queue<Candidate> queue;
    const auto joint = [&](int32_t left, int32_t right) {
        const std::string_view a = symbols[left].text, b = symbols[right].text;
        return std::string_view(a.data(), a.size() + b.size());
    };
    const auto consider = [&](int32_t left, int32_t right) {
        if (left < 0 || right < 0)
            return;
        const std::string_view text = joint(left, right);
        if (const TokenId id = findUsable(text); id >= 0)
            queue.push({m_scores[id], left, right, text.size()});
    };
    for (std::size_t i = 0; i + 1 < symbols.size(); ++i)
        consider(static_cast<int32_t>(i), static_cast<int32_t>(i) + 1);
    while (!queue.empty()) {
        const Candidate top = queue.top();
        queue.pop();
        Symbol &left = symbols[top.left], &right = symbols[top.right];
        const bool stale = left.text.empty() || right.text.empty() || left.text.size() + right.text.size() != top.bytes;
        if (stale)
            continue;
        left.text = joint(top.left, top.right);
        right.text = {};
        left.next = right.next;
        if (right.next >= 0)
            symbols[right.next].previous = top.left;
        consider(left.previous, top.left);
        consider(top.left, left.next);
    }
}

} // namespace lorikeet
