// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/example.h"

#include <algorithm>

namespace lorikeet {

int64_t Example::trainedTokens() const {
    return std::count(trained.begin(), trained.end(), uint8_t(1));
}

Example encodePieces(std::span<const Piece> pieces, const Tokenizer& tokenizer, int64_t maxLength) {
    Example example;
    const auto add = [&](TokenId token, bool trained) {
        example.tokens.push_back(token);
        example.trained.push_back(trained ? 1 : 0);
    };
    for (const Piece& piece : pieces) {
        if (piece.bos && tokenizer.addsBos() && tokenizer.bos())
            add(*tokenizer.bos(), piece.trained);
        // A tokenizer that puts a space before every text would make one of nothing.
        if (!piece.text.empty())
            for (const TokenId token : tokenizer.encode(piece.text, {.addSpecial = false, .parseSpecial = true}))
                add(token, piece.trained);
        if (piece.eos && tokenizer.eos())
            add(*tokenizer.eos(), piece.trained);
    }
    example.fullLength = int64_t(example.tokens.size());
    if (maxLength > 0 && example.fullLength > maxLength) {
        example.truncated = true;
        example.tokens.resize(std::size_t(maxLength));
        example.trained.resize(std::size_t(maxLength));
    }
    if (!example.trained.empty())
        example.trained.front() = 0;
    return example;
}

} // namespace lorikeet
