// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace lorikeet {

/// Checks the precompiled character map of a SentencePiece normalizer: a double-array trie whose every step and value
/// must stay within it, without cycles, since libsentencepiece follows it unchecked. Throws BadFile naming `origin`.
void checkCharacterMap(std::string_view bytes, const std::string& origin);

} // namespace lorikeet
