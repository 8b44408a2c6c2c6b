// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/vocabulary.h"

#include "core/base/error.h"

namespace lorikeet {

Vocabulary::Vocabulary(std::vector<std::string> pieces, std::string_view origin) : m_pieces(std::move(pieces)) {
    m_ids.reserve(m_pieces.size());
    for (std::size_t id = 0; id < m_pieces.size(); ++id) {
        if (m_pieces[id].empty())
            continue;
        const auto [place, fresh] = m_ids.emplace(m_pieces[id], static_cast<TokenId>(id));
        if (!fresh)
            fail(ErrorCode::BadFile, "{}: tokens {} and {} are the same piece", origin, place->second, id);
    }
}

std::optional<TokenId> Vocabulary::find(std::string_view piece) const {
    const auto place = m_ids.find(piece);
    return place == m_ids.end() ? std::nullopt : std::optional(place->second);
}

} // namespace lorikeet
