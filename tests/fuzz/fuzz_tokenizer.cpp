// SPDX-License-Identifier: GPL-3.0-or-later
// The first byte chooses the format: any other bytes as tokenizer.json or as tokenizer.model give a tokenizer that
// encodes and decodes, or an Error.
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/text/sentencepiece_tokenizer.h"
#include "core/text/tokenizer_json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace lorikeet;
    if (size == 0)
        return 0;
    const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    try {
        const auto tokenizer = data[0] % 2 == 0 ? parseTokenizerJson(rest, "fuzz", {})
                                                : parseSentencePieceTokenizer(std::string(rest), "fuzz", {});
        for (const char* text :
             {"", "Hello, world! 123", " \n\t  gr\xC3\xBC\xC3\x9F <s>\xF0\x9F\xA6\x9C</s>", "aaaaaaaaaaaaaaaaaaaaaaaa"})
            tokenizer->decode(tokenizer->encode(text), true);
    } catch (const Error&) { // refused
    }
    return 0;
}
