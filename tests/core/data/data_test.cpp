// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/data/data_test.h"

namespace lorikeet {

std::string shown(const Example& example, const Tokenizer& tokenizer) {
    std::string text;
    bool open = false;
    for (std::size_t i = 0; i < example.tokens.size(); ++i) {
        if (bool(example.trained[i]) != open)
            text += open ? "]" : "[";
        open = example.trained[i];
        text += tokenizer.pieceBytes(example.tokens[i]);
    }
    return open ? text + "]" : text;
}

} // namespace lorikeet
