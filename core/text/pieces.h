// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace lorikeet {

/// How far a text may grow while a tokenizer's steps rewrite it; a hostile file could double it in every step.
class GrowthLimit {
public:
    explicit GrowthLimit(std::size_t inputBytes) : m_limit(64 * inputBytes + 4096) {}

    /// Throws BadFile above the limit.
    void check(std::size_t bytes) const {
        if (bytes > m_limit)
            fail(ErrorCode::BadFile, "tokenize: the tokenizer's steps grow a text to {} bytes, the limit is {}", bytes,
                 m_limit);
    }

private:
    std::size_t m_limit;
};

/// A text cut into consecutive pieces, none of them empty.
class Pieces {
public:
    std::size_t count() const { return m_ends.size(); }
    std::size_t bytes() const { return m_text.size(); }

    std::string_view operator[](std::size_t index) const {
        const std::size_t begin = index == 0 ? 0 : m_ends[index - 1];
        return std::string_view(m_text).substr(begin, m_ends[index] - begin);
    }

    void append(std::string_view piece) {
        if (piece.empty())
            return;
        m_text += piece;
        m_ends.push_back(m_text.size());
    }

private:
    std::string m_text;
    std::vector<std::size_t> m_ends;
};

} // namespace lorikeet
