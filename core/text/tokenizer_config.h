// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/text/added_tokens.h"

namespace lorikeet {

/// What a model folder says beside the tokenizer itself: tokenizer_config.json, and what completes an older or partial
/// one.
struct TokenizerConfig {
    std::optional<std::string> bosToken, eosToken, unknownToken;
    std::optional<TokenId> bosId, eosId; ///< of config.json, where no token is named
    std::optional<bool> addBosToken, addEosToken;
    std::optional<bool> legacy;         ///< SentencePiece: a space also before what follows an added token
    std::optional<bool> addPrefixSpace; ///< SentencePiece: a space before the text
    std::vector<AddedToken> addedTokens;
    std::optional<std::string> chatTemplate; ///< of several, the one named "default"
};

/// Reads `folder`/tokenizer_config.json, and as transformers does for older folders: tokens that it does not name from
/// special_tokens_map.json, added tokens from added_tokens.json where it has no added_tokens_decoder. Ids come from
/// config.json, else generation_config.json, where none of these says anything of the token (a null says that there
/// is none). Absent files say nothing. Throws BadFile where one is malformed.
TokenizerConfig readTokenizerConfig(const std::filesystem::path& folder);

} // namespace lorikeet
