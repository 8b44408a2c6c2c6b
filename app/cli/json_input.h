// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/text/chat_template.h"
#include "core/text/tokenizer.h"

namespace lorikeet::cli {

/// A JSON array of token ids. Throws BadFile naming `source`.
std::vector<TokenId> parseTokenIds(const std::string& text, std::string_view source);

/// A JSON array of {"role", "content"}, or an object that holds it as "messages". Throws BadFile naming `source`.
std::vector<ChatMessage> parseMessages(const std::string& text, std::string_view source);

} // namespace lorikeet::cli
