// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/text/tokenizer.h"
#include "core/text/tokenizer_config.h"

namespace lorikeet {

/// A tokenizer from the bytes of a SentencePiece file (tokenizer.model), run by libsentencepiece, with the added tokens
/// and flags of `config`. Throws BadFile naming `origin` and the fault, NotBuilt for what is not supported.
std::unique_ptr<Tokenizer> parseSentencePieceTokenizer(std::string bytes, const std::string& origin,
                                                       const TokenizerConfig& config);

} // namespace lorikeet
