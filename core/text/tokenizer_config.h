// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/text/added_tokens.h"

namespace lorikeet {

/// What a model folder's tokenizer_config.json says beside the tokenizer itself.
struct TokenizerConfig {
    std::optional<std::string> bosToken, eosToken, unknownToken;
    std::optional<bool> addBosToken, addEosToken;
    std::optional<bool> legacy;         ///< SentencePiece: a space also before what follows an added token
    std::optional<bool> addPrefixSpace; ///< SentencePiece: a space before the text
    std::vector<AddedToken> addedTokens;
    std::optional<std::string> chatTemplate; ///< of several, the one named "default"
};

/// Reads `folder`/tokenizer_config.json; without that file, an empty struct. Throws BadFile where it is malformed.
TokenizerConfig readTokenizerConfig(const std::filesystem::path& folder);

} // namespace lorikeet
