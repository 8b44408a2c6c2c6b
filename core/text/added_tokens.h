// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/function_ref.h"
#include "core/text/tokenizer.h"

namespace lorikeet {

/// A token that is found in the text as it is written, before any word is cut.
struct AddedToken {
    TokenId id = 0;
    std::string content;
    bool special = false;    ///< a control token: looked for only with parseSpecial, left out by decode()
    bool leftStrip = false;  ///< swallows white space before it
    bool rightStrip = false; ///< swallows white space after it
    bool singleWord = false; ///< only where no letter, digit or underscore touches it
    bool normalized = false; ///< looked for in the normalized text
};

/// Finds added tokens in a text: leftmost first, the longest of those that start at one place.
class AddedTokenMatcher {
public:
    /// Throws BadFile naming `origin` where a content is empty, too long or twice there.
    AddedTokenMatcher(std::vector<AddedToken> tokens, std::string_view origin);

    bool empty() const { return m_tokens.empty(); }

    /// Cuts `text` (valid UTF-8): `onText` gets what lies between the tokens, `onToken` their ids, in order.
    void split(std::string_view text, bool parseSpecial, FunctionRef<void(std::string_view)> onText,
               FunctionRef<void(TokenId)> onToken) const;

private:
    struct Node {
        std::vector<std::pair<uint8_t, int32_t>> children; ///< sorted by byte
        int32_t token = -1;                                ///< index into m_tokens
    };

    std::pair<const AddedToken*, std::size_t> longestAt(std::string_view text, std::size_t position) const;

    std::vector<AddedToken> m_tokens;
    std::vector<Node> m_nodes;
    bool m_startsToken[256] = {};
};

} // namespace lorikeet
