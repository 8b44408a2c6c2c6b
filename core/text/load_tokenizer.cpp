// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/formats/gguf_file.h"
#include "core/text/gguf_tokenizer.h"
#include "core/text/sentencepiece_tokenizer.h"
#include "core/text/tokenizer.h"
#include "core/text/tokenizer_config.h"
#include "core/text/tokenizer_json.h"

namespace lorikeet {

namespace fs = std::filesystem;

std::unique_ptr<Tokenizer> loadTokenizer(const fs::path& model) {
    if (fs::is_regular_file(model))
        return loadGgufTokenizer(GgufFile(model));
    if (const fs::path path = model / "tokenizer.json"; fs::exists(path))
        return parseTokenizerJson(readTextFile(path), path.string(), readTokenizerConfig(model));
    if (const fs::path path = model / "tokenizer.model"; fs::exists(path))
        return parseSentencePieceTokenizer(readTextFile(path), path.string(), readTokenizerConfig(model));
    fail(ErrorCode::NotFound, "{}: neither tokenizer.json nor tokenizer.model", model.string());
}

std::optional<std::string> findChatTemplate(const fs::path& model) {
    if (fs::is_regular_file(model)) {
        const GgufFile file(model);
        const auto text = file.string("tokenizer.chat_template");
        return text ? std::optional<std::string>(*text) : std::nullopt;
    }
    if (const fs::path path = model / "chat_template.jinja"; fs::exists(path))
        return readTextFile(path);
    return readTokenizerConfig(model).chatTemplate;
}

} // namespace lorikeet
