// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>
#include <vector>

#include "core/text/tokenizer.h"

namespace lorikeet {

/// Cuts one word, as the pre-tokenizer leaves it, into tokens. Immutable; any thread.
class WordModel {
public:
    virtual ~WordModel() = default;

    /// Appends the tokens of `word` (valid UTF-8, not empty) to `ids`.
    virtual void encode(std::string_view word, std::vector<TokenId>& ids) const = 0;
};

} // namespace lorikeet
