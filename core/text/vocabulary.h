// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/text/tokenizer.h"

namespace lorikeet {

/// Pieces by id and ids by piece. An empty piece is a hole: an id that no text gives.
class Vocabulary {
public:
    /// Throws BadFile naming `origin` where two ids share a piece.
    Vocabulary(std::vector<std::string> pieces, std::string_view origin);
    Vocabulary(Vocabulary&&) = default;
    Vocabulary& operator=(Vocabulary&&) = default;

    int64_t size() const { return static_cast<int64_t>(m_pieces.size()); }
    const std::string& piece(TokenId id) const { return m_pieces[static_cast<std::size_t>(id)]; }
    bool contains(TokenId id) const { return id >= 0 && id < size(); }
    std::optional<TokenId> find(std::string_view piece) const;

private:
    std::vector<std::string> m_pieces; ///< never changes, since m_ids points into it
    std::unordered_map<std::string_view, TokenId> m_ids;
};

} // namespace lorikeet
