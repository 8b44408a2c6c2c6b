// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

namespace lorikeet {

class GgufFile;

/// The texts of a Hugging Face model folder's tokenizer files.
struct TokenizerFiles {
    std::string tokenizerJson;   ///< tokenizer.json
    std::string tokenizerConfig; ///< tokenizer_config.json: begin, end and other tokens by name, the chat template
};

/// Tokenizer files that say what a GGUF file's metadata says: the ids of a text are the same from either. None where
/// the vocabulary is not byte-level BPE. Throws BadFile naming the file and the fault, NotBuilt naming a pre-tokenizer
/// that is not supported.
std::optional<TokenizerFiles> tokenizerFilesOf(const GgufFile& file);

} // namespace lorikeet
