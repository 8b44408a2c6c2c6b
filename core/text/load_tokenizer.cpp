// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/text/tokenizer.h"
#include "core/text/tokenizer_config.h"
#include "core/text/tokenizer_json.h"

namespace lorikeet {

namespace fs = std::filesystem;

std::unique_ptr<Tokenizer> loadTokenizer(const fs::path& model) {
    if (const fs::path path = model / "tokenizer.json"; fs::exists(path))
        return parseTokenizerJson(readTextFile(path), path.string(), readTokenizerConfig(model));
    fail(ErrorCode::NotFound, "{}: no tokenizer.json", model.string());
}

std::optional<std::string> findChatTemplate(const fs::path& model) {
    if (const fs::path path = model / "chat_template.jinja"; fs::exists(path))
        return readTextFile(path);
    return readTokenizerConfig(model).chatTemplate;
}

} // namespace lorikeet
