// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/data/data_config.h"
#include "core/data/row_format.h"
#include "core/text/chat_template.h"
#include "core/text/tokenizer.h"

namespace lorikeet {

/// A row as the model sees it.
struct Example {
    std::vector<TokenId> tokens;
    /// As long as `tokens`; 1 where the token is a target of training. The first is never one: nothing predicts it.
    std::vector<uint8_t> trained;
    int64_t fullLength = 0; ///< in tokens, before the cut
    bool truncated = false;

    int64_t trainedTokens() const;
};

/// A stretch of text that is tokenized by itself.
struct Piece {
    std::string text;
    bool trained = false;
    bool bos = false; ///< bos before it, where the tokenizer adds one
    bool eos = false; ///< eos after it, where the tokenizer has one

    bool operator==(const Piece&) const = default;
};

/// Cuts a row's text where tokens must not join and says which stretches are trained. `chatTemplate` is the template to
/// apply, or null for plain joining; Messages and ShareGpt need one. A chat is cut at each generation prompt and after
/// each assistant message; what follows the last of those is dropped. Throws BadConfig or BadFile where the template
/// refuses the row, BadFile where its rendering of the first messages is not a prefix of its rendering of more, with
/// the place where they part.
std::vector<Piece> cutIntoPieces(const RowContent& content, RowFormat format, const ChatTemplate* chatTemplate,
                                 TrainOn trainOn);

/// Tokenizes the pieces apart and joins them; cuts at the end to `maxLength` (0: no limit).
Example encodePieces(std::span<const Piece> pieces, const Tokenizer& tokenizer, int64_t maxLength);

/// The Alpaca prompt for an instruction, without and with an input. It ends where the response begins.
std::string alpacaPrompt(const std::string& instruction, const std::string& input);

} // namespace lorikeet
