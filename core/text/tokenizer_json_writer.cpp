// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/tokenizer_json_writer.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/formats/gguf_file.h"
#include "core/text/gguf_vocabulary.h"
#include "core/text/utf8.h"

namespace lorikeet {

using nlohmann::json;

namespace {

json addedTokensJson(const GgufTokens& tokens) {
    json list = json::array();
    for (const AddedToken& token : tokens.addedTokens)
        list.push_back({{"id", token.id},
                        {"content", token.content},
                        {"single_word", token.singleWord},
                        {"lstrip", token.leftStrip},
                        {"rstrip", token.rightStrip},
                        {"normalized", token.normalized},
                        {"special", token.special}});
    return list;
}

json modelJson(const GgufFile& file, const GgufTokens& tokens) {
    json vocabulary = json::object();
    for (std::size_t id = 0; id < tokens.pieces.size(); ++id)
        if (!tokens.pieces[id].empty())
            vocabulary[tokens.pieces[id]] = id;
    json merges = json::array();
    for (const auto& [left, right] : readGgufMerges(file))
        merges.push_back(json::array({left, right}));
    return {{"type", "BPE"},
            {"dropout", nullptr},
            {"unk_token", nullptr},
            {"continuing_subword_prefix", nullptr},
            {"end_of_word_suffix", nullptr},
            {"fuse_unk", false},
            {"byte_fallback", false},
            {"ignore_merges", ggufIgnoresMerges(file)},
            {"vocab", std::move(vocabulary)},
            {"merges", std::move(merges)}};
}

/// What stands around one text, or around two.
json postProcessor(const GgufTokens& tokens) {
    json single = json::array(), pair = json::array(), specials = json::object();
    const auto addSpecial = [&](json& steps, TokenId id, int type) {
        const std::string& text = tokens.pieces[std::size_t(id)];
        steps.push_back({{"SpecialToken", {{"id", text}, {"type_id", type}}}});
        specials[text] = {{"id", text}, {"ids", json::array({id})}, {"tokens", json::array({text})}};
    };
    const auto addText = [&](json& steps, const char* name, int type) {
        if (tokens.addsBos)
            addSpecial(steps, *tokens.bos, type);
        steps.push_back({{"Sequence", {{"id", name}, {"type_id", type}}}});
        if (tokens.addsEos)
            addSpecial(steps, *tokens.eos, type);
    };
    addText(single, "A", 0);
    addText(pair, "A", 0);
    addText(pair, "B", 1);
    return {{"type", "TemplateProcessing"},
            {"single", std::move(single)},
            {"pair", std::move(pair)},
            {"special_tokens", std::move(specials)}};
}

json byteLevel() {
    return {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", true}};
}

json configJson(const GgufFile& file, const GgufTokens& tokens) {
    json config = {{"tokenizer_class", "PreTrainedTokenizerFast"}, {"clean_up_tokenization_spaces", false}};
    for (const char* name : {"bos", "eos", "unk", "pad"}) {
        const std::string word = name == std::string_view("unk")   ? "unknown"
                                 : name == std::string_view("pad") ? "padding"
                                                                   : name;
        // Encoding does not need the last two: an id that is nonsense is left out.
        const int64_t id = file.integer("tokenizer.ggml." + word + "_token_id").value_or(-1);
        if (id >= 0 && id < int64_t(tokens.pieces.size()) && !tokens.pieces[std::size_t(id)].empty())
            config[std::string(name) + "_token"] = tokens.pieces[std::size_t(id)];
    }
    const std::string architecture(file.string("general.architecture").value_or(""));
    if (const auto length = file.integer(architecture + ".context_length"))
        config["model_max_length"] = *length;
    if (const auto chatTemplate = file.string("tokenizer.chat_template")) {
        if (const std::size_t bad = findInvalidUtf8(*chatTemplate); bad != std::string_view::npos)
            fail(ErrorCode::BadFile, "{}: tokenizer.chat_template is not UTF-8 at byte {}", file.path().string(), bad);
        config["chat_template"] = *chatTemplate;
    }
    return config;
}

} // namespace

std::optional<TokenizerFiles> tokenizerFilesOf(const GgufFile& file) {
    if (file.string("tokenizer.ggml.model") != "gpt2")
        return std::nullopt;
    const GgufTokens tokens = readGgufTokens(file, /*addsBos=*/false);
    const json document = {{"version", "1.0"},
                           {"truncation", nullptr},
                           {"padding", nullptr},
                           {"added_tokens", addedTokensJson(tokens)},
                           {"normalizer", nullptr},
                           {"pre_tokenizer", ggufPreTokenizer(file)},
                           {"post_processor", tokens.addsBos || tokens.addsEos ? postProcessor(tokens) : byteLevel()},
                           {"decoder", byteLevel()},
                           {"model", modelJson(file, tokens)}};
    return TokenizerFiles{document.dump(1) + "\n", configJson(file, tokens).dump(2) + "\n"};
}

} // namespace lorikeet
