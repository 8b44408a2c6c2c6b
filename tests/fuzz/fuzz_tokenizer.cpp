// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as tokenizer.json, where they begin as one, else as tokenizer.model give a tokenizer that encodes and
// decodes, or an Error.
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/text/sentencepiece_tokenizer.h"
#include "core/text/tokenizer_json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace lorikeet;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    try {
        const auto tokenizer = bytes.starts_with('{') ? parseTokenizerJson(bytes, "fuzz", {})
                                                      : parseSentencePieceTokenizer(std::string(bytes), "fuzz", {});
        for (const char* text :
             {"", "Hello, world! 123", " \n\t  gr\xC3\xBC\xC3\x9F <s>\xF0\x9F\xA6\x9C</s>", "aaaaaaaaaaaaaaaaaaaaaaaa"})
            tokenizer->decode(tokenizer->encode(text), true);
    } catch (const Error&) { // refused
    }
    return 0;
}
