// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "core/text/tokenizer.h"

namespace lorikeet {

class GgufFile;

/// The tokenizer in a GGUF file's metadata: byte-level BPE ("gpt2") or SentencePiece ("llama"). Keeps nothing of the
/// file. Throws BadFile naming the file and the fault, NotBuilt naming a kind that is not supported.
std::unique_ptr<Tokenizer> loadGgufTokenizer(const GgufFile& file);

} // namespace lorikeet
