// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/added_tokens.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/text/utf8.h"

namespace lorikeet {

namespace {

/// A longer token would make the search quadratic in hostile files; real ones stay below a hundred bytes.
constexpr std::size_t kLongestContent = 1024;
/// Of all tokens together: the tree that finds them takes some sixty times as much memory.
constexpr std::size_t kMostContentBytes = std::size_t(8) << 20;

bool touchesWord(std::string_view text, std::size_t begin, std::size_t end) {
    std::size_t before = begin, after = end;
    return (begin > 0 && isWordCharacter(previousCodePoint(text, before))) ||
           (end < text.size() && isWordCharacter(nextCodePoint(text, after)));
}

std::size_t skipSpaceBackward(std::string_view text, std::size_t position, std::size_t stop) {
    while (position > stop) {
        std::size_t before = position;
        if (!isUnicodeSpace(previousCodePoint(text, before)) || before < stop)
            break;
        position = before;
    }
    return position;
}

std::size_t skipSpaceForward(std::string_view text, std::size_t position) {
    while (position < text.size()) {
        std::size_t after = position;
        if (!isUnicodeSpace(nextCodePoint(text, after)))
            break;
        position = after;
    }
    return position;
}

} // namespace

AddedTokenMatcher::AddedTokenMatcher(std::vector<AddedToken> tokens, std::string_view origin)
    : m_tokens(std::move(tokens)), m_nodes(1) {
    std::size_t total = 0;
    for (std::size_t index = 0; index < m_tokens.size(); ++index) {
        const std::string& content = m_tokens[index].content;
        total += content.size();
        if (total > kMostContentBytes)
            fail(ErrorCode::BadFile, "{}: the texts of {} added tokens have more than {} bytes", origin,
                 m_tokens.size(), kMostContentBytes);
        if (content.empty() || content.size() > kLongestContent)
            fail(ErrorCode::BadFile, "{}: added token {} has {} bytes, 1 to {} are possible", origin,
                 m_tokens[index].id, content.size(), kLongestContent);
        m_startsToken[static_cast<uint8_t>(content[0])] = true;
        int32_t node = 0;
        for (const char c : content) {
            const auto byte = static_cast<uint8_t>(c);
            auto& children = m_nodes[node].children;
            const auto place = std::lower_bound(children.begin(), children.end(), std::pair<uint8_t, int32_t>(byte, 0));
            if (place != children.end() && place->first == byte) {
                node = place->second;
                continue;
            }
            const auto fresh = static_cast<int32_t>(m_nodes.size());
            children.insert(place, {byte, fresh});
            m_nodes.emplace_back();
            node = fresh;
        }
        if (m_nodes[node].token >= 0)
            fail(ErrorCode::BadFile, "{}: added tokens {} and {} have the same content", origin,
                 m_tokens[m_nodes[node].token].id, m_tokens[index].id);
        m_nodes[node].token = static_cast<int32_t>(index);
    }
}

std::pair<const AddedToken*, std::size_t> AddedTokenMatcher::longestAt(std::string_view text,
                                                                       std::size_t position) const {
    const AddedToken* best = nullptr;
    std::size_t bestEnd = position;
    int32_t node = 0;
    for (std::size_t i = position; i < text.size(); ++i) {
        const auto byte = static_cast<uint8_t>(text[i]);
        const auto& children = m_nodes[node].children;
        const auto place = std::lower_bound(children.begin(), children.end(), std::pair<uint8_t, int32_t>(byte, 0));
        if (place == children.end() || place->first != byte)
            break;
        node = place->second;
        if (m_nodes[node].token >= 0) {
            best = &m_tokens[m_nodes[node].token];
            bestEnd = i + 1;
        }
    }
    return {best, bestEnd};
}

void AddedTokenMatcher::split(std::string_view text, bool parseSpecial, FunctionRef<void(std::string_view)> onText,
                              FunctionRef<void(TokenId)> onToken) const {
    std::size_t done = 0;
    for (std::size_t position = 0; position < text.size();) {
        if (!m_startsToken[static_cast<uint8_t>(text[position])]) {
            ++position;
            continue;
        }
        const auto [token, matchEnd] = longestAt(text, position);
        if (token == nullptr) {
            ++position;
            continue;
        }
        const std::size_t matchBegin = position;
        position = matchEnd;
        const bool skipped = (token->special && !parseSpecial) ||
                             (token->singleWord && touchesWord(text, matchBegin, matchEnd)) || matchBegin < done;
        if (skipped)
            continue;
        const std::size_t begin = token->leftStrip ? skipSpaceBackward(text, matchBegin, done) : matchBegin;
        if (begin > done)
            onText(text.substr(done, begin - done));
        onToken(token->id);
        done = token->rightStrip ? skipSpaceForward(text, matchEnd) : matchEnd;
    }
    if (done < text.size())
        onText(text.substr(done));
}

} // namespace lorikeet
