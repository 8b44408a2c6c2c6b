// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/text/tokenizer.h"
#include "core/text/tokenizer_config.h"

namespace lorikeet {

/// A tokenizer from the text of a Hugging Face tokenizer.json whose model is BPE. `config` names bos and eos. Throws
/// BadFile naming `origin` and the fault, NotBuilt naming a component that is not supported.
std::unique_ptr<Tokenizer> parseTokenizerJson(std::string_view text, const std::string& origin,
                                              const TokenizerConfig& config);

} // namespace lorikeet
