// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/bpe_model.h"

#include <algorithm>
#include <queue>

#include "core/base/error.h"
#include "core/text/utf8.h"
#include "core/text/vocabulary.h"

namespace lorikeet {

namespace {

uint64_t pairKey(TokenId left, TokenId right) {
    return static_cast<uint64_t>(static_cast<uint32_t>(left)) << 32 | static_cast<uint32_t>(right);
}

struct Candidate {
    uint32_t rank;
    int32_t position;
    TokenId merged;

    /// Reversed, since a priority queue gives its greatest first.
    bool operator<(const Candidate& other) const {
        return rank != other.rank ? rank > other.rank : position > other.position;
    }
};

TokenId requirePiece(const Vocabulary& vocabulary, const std::string& piece, std::size_t rank,
                     std::string_view origin) {
    const auto id = vocabulary.find(piece);
    if (!id)
        fail(ErrorCode::BadFile, "{}: merge {}: '{}' is not in the vocabulary", origin, rank,
             replaceInvalidUtf8(std::string_view(piece).substr(0, 100)));
    return *id;
}

} // namespace

BpeModel::BpeModel(const Vocabulary& vocabulary, std::span<const std::pair<std::string, std::string>> merges,
                   const BpeOptions& options, std::string_view origin)
    : m_vocabulary(vocabulary), m_fuseUnknown(options.fuseUnknown), m_byteFallback(options.byteFallback),
      m_ignoreMerges(options.ignoreMerges) {
    m_merges.reserve(merges.size());
    for (std::size_t rank = 0; rank < merges.size(); ++rank) {
        const TokenId left = requirePiece(vocabulary, merges[rank].first, rank, origin);
        const TokenId right = requirePiece(vocabulary, merges[rank].second, rank, origin);
        const TokenId merged = requirePiece(vocabulary, merges[rank].first + merges[rank].second, rank, origin);
        m_merges.insert_or_assign(pairKey(left, right), Merge{static_cast<uint32_t>(rank), merged});
    }
    if (options.unknownToken) {
        m_unknown = vocabulary.find(*options.unknownToken);
        if (!m_unknown)
            fail(ErrorCode::BadFile, "{}: the unknown token '{}' is not in the vocabulary", origin,
                 *options.unknownToken);
    }
    for (std::size_t c = 0; c < m_ascii.size(); ++c) {
        const char text = static_cast<char>(c);
        m_ascii[c] = vocabulary.find({&text, 1}).value_or(-1);
    }
    for (std::size_t byte = 0; byte < m_bytes.size(); ++byte)
        m_bytes[byte] = vocabulary.find(fmt::format("<0x{:02X}>", byte)).value_or(-1);
}

void BpeModel::encode(std::string_view word, std::vector<TokenId>& ids) const {
    if (m_ignoreMerges) {
        if (const auto id = m_vocabulary.find(word)) {
            ids.push_back(*id);
            return;
        }
    }
    std::vector<Symbol> symbols;
    split(word, symbols);
    if (symbols.empty())
        return;
    merge(symbols);
    for (const Symbol& symbol : symbols)
        if (symbol.id >= 0)
            ids.push_back(symbol.id);
}

const BpeModel::Merge* BpeModel::findMerge(TokenId left, TokenId right) const {
    const auto place = m_merges.find(pairKey(left, right));
    return place == m_merges.end() ? nullptr : &place->second;
}

bool BpeModel::appendBytes(std::string_view character, std::vector<Symbol>& symbols) const {
    const auto known = [&](char byte) { return m_bytes[static_cast<uint8_t>(byte)] >= 0; };
    if (!std::all_of(character.begin(), character.end(), known))
        return false;
    for (const char byte : character)
        symbols.push_back({m_bytes[static_cast<uint8_t>(byte)], 0, 0});
    return true;
}

void BpeModel::split(std::string_view word, std::vector<Symbol>& symbols) const {
    symbols.reserve(word.size());
    bool previousUnknown = false;
    for (std::size_t i = 0; i < word.size();) {
        const std::size_t length = characterLength(word, i);
        const std::string_view character = word.substr(i, length);
        i += length;
        const TokenId id =
            length == 1 ? m_ascii[static_cast<uint8_t>(character[0])] : m_vocabulary.find(character).value_or(-1);
        const bool known = id >= 0;
        if (known)
            symbols.push_back({id, 0, 0});
        else if (m_byteFallback && appendBytes(character, symbols))
            previousUnknown = false;
        else if (m_unknown) {
            if (!(m_fuseUnknown && previousUnknown))
                symbols.push_back({*m_unknown, 0, 0});
            previousUnknown = true;
        }
        if (known)
            previousUnknown = false;
    }
    for (std::size_t i = 0; i < symbols.size(); ++i) {
        symbols[i].previous = static_cast<int32_t>(i) - 1;
        symbols[i].next = i + 1 < symbols.size() ? static_cast<int32_t>(i) + 1 : -1;
    }
}

void BpeModel::merge(std::vector<Symbol>& symbols) const {
    std::vector<Candidate> storage;
    storage.reserve(symbols.size());
    std::priority_queue<Candidate> queue(std::less<Candidate>(), std::move(storage));
    const auto consider = [&](int32_t left, int32_t right) {
        if (left < 0 || right < 0)
            return;
        if (const Merge* found = findMerge(symbols[left].id, symbols[right].id))
            queue.push({found->rank, left, found->merged});
    };
    for (std::size_t i = 0; i + 1 < symbols.size(); ++i)
        consider(static_cast<int32_t>(i), static_cast<int32_t>(i) + 1);
    while (!queue.empty()) {
        const Candidate top = queue.top();
        queue.pop();
        Symbol& left = symbols[top.position];
        if (left.id < 0 || left.next < 0)
            continue;
        Symbol& right = symbols[left.next];
        // The candidate is stale where one of its parts has joined another since.
        const Merge* current = findMerge(left.id, right.id);
        if (current == nullptr || current->merged != top.merged)
            continue;
        left.id = top.merged;
        right.id = -1;
        left.next = right.next;
        if (right.next >= 0)
            symbols[right.next].previous = top.position;
        consider(left.previous, top.position);
        consider(top.position, left.next);
    }
}

} // namespace lorikeet
