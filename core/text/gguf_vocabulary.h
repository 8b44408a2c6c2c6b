// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "core/text/added_tokens.h"

namespace lorikeet {

class GgufFile;

/// What the metadata of a GGUF file says about tokens, whatever the kind of vocabulary.
struct GgufTokens {
    std::vector<std::string> pieces;     ///< by id; empty where padding repeats itself
    std::vector<int64_t> types;          ///< of GgufTokenType, by id
    std::vector<AddedToken> addedTokens; ///< control and user-defined ones
    std::optional<TokenId> bos, eos;
    bool addsBos = false, addsEos = false; ///< around a text; only where there is such a token
};

/// tokenizer.ggml.token_type
enum GgufTokenType : int64_t { kNormal = 1, kUnknown = 2, kControl = 3, kUserDefined = 4, kUnused = 5, kByte = 6 };

/// `addsBos` is what counts where the file does not say. Throws BadFile naming the file and the fault.
GgufTokens readGgufTokens(const GgufFile& file, bool addsBos);

/// A token that the metadata names by its id, where it does. Throws BadFile outside of a vocabulary of `tokens`.
std::optional<TokenId> readGgufTokenId(const GgufFile& file, const char* key, std::size_t tokens);

/// The pairs of byte-level BPE in order of rank. Throws BadFile.
std::vector<std::pair<std::string, std::string>> readGgufMerges(const GgufFile& file);

/// The "pre_tokenizer" that tokenizer.json has for the file's tokenizer.ggml.pre. Throws NotBuilt naming one that is
/// not supported.
nlohmann::json ggufPreTokenizer(const GgufFile& file);
/// Whether words that are tokens as a whole are taken before any merge.
bool ggufIgnoresMerges(const GgufFile& file);

} // namespace lorikeet
