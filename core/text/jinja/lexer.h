// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lorikeet::jinja {

enum class TokenKind { Text, PrintBegin, PrintEnd, BlockBegin, BlockEnd, Name, String, Integer, Float, Operator, End };

struct Token {
    TokenKind kind;
    std::string text; ///< of a string what it means, of the others what was written
    int line;
};

/// Cuts a template into tokens, with trim_blocks and lstrip_blocks on; comments and trimmed white space are left out.
/// Throws BadFile naming the line.
std::vector<Token> tokenize(std::string_view source);

} // namespace lorikeet::jinja
