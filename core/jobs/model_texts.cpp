// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/model_texts.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/formats/gguf_file.h"
#include "core/model/config_json_writer.h"
#include "core/model/model_files.h"
#include "core/text/tokenizer_json_writer.h"

namespace lorikeet {
namespace {

namespace fs = std::filesystem;

constexpr const char* kConfig = "config.json";
constexpr const char* kTokenizer = "tokenizer.json";
constexpr const char* kTokenizerFiles[] = {
    kTokenizer,   "tokenizer.model",   "tokenizer_config.json", "special_tokens_map.json", "vocab.json",
    "merges.txt", "added_tokens.json", "chat_template.jinja",   "generation_config.json"};

const GgufFile* ggufOf(const ModelFiles& files) {
    return dynamic_cast<const GgufFile*>(files.tensors.get());
}

} // namespace

std::string configText(const ModelFiles& files, const fs::path& model, std::string_view dtype) {
    const GgufFile* gguf = ggufOf(files);
    if (!gguf)
        return readTextFile(model / kConfig);
    const int64_t begin = gguf->integer("tokenizer.ggml.bos_token_id").value_or(-1);
    const bool known = begin >= 0 && begin < files.config.vocabularySize;
    return modelConfigJson(files.config, known ? std::optional(int32_t(begin)) : std::nullopt, dtype, files.path());
}

ModelTexts tokenizerTexts(const ModelFiles& files, const fs::path& model) {
    ModelTexts texts;
    if (const GgufFile* gguf = ggufOf(files)) {
        if (std::optional<TokenizerFiles> tokenizer = tokenizerFilesOf(*gguf)) {
            texts[kTokenizer] = std::move(tokenizer->tokenizerJson);
            texts["tokenizer_config.json"] = std::move(tokenizer->tokenizerConfig);
        }
        return texts;
    }
    for (const char* name : kTokenizerFiles)
        if (const fs::path file = model / name; fs::exists(file))
            texts[name] = readTextFile(file);
    return texts;
}

bool hasTokenizer(const ModelTexts& texts) {
    return texts.contains(kTokenizer) || texts.contains("tokenizer.model");
}

ModelTexts finetunedTexts(const ModelFiles& files, const fs::path& model) {
    ModelTexts texts = tokenizerTexts(files, model);
    // Readable as it is: the model has been opened by it.
    auto config = nlohmann::ordered_json::parse(configText(files, model, "float32"));
    config.erase("torch_dtype");
    config.erase("quantization_config"); // of weights that were merged since
    config["dtype"] = "float32";
    config["tie_word_embeddings"] = files.config.tiedEmbeddings;
    texts[kConfig] = config.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
    return texts;
}

} // namespace lorikeet
