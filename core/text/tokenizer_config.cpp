// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/tokenizer_config.h"

#include <charconv>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/text/json_fields.h"

namespace lorikeet {

using nlohmann::json;

namespace {

/// A token as plain text or as an object with its content.
std::optional<std::string> tokenText(const JsonFields& fields, const char* key) {
    if (!fields.has(key))
        return std::nullopt;
    const json& value = fields.at(key);
    return value.is_object() ? JsonFields(value, fields.place() + ": " + key).string("content") : fields.string(key);
}

std::optional<bool> flag(const JsonFields& fields, const char* key) {
    return fields.has(key) ? std::optional(fields.boolean(key, false)) : std::nullopt;
}

std::vector<AddedToken> addedTokens(const JsonFields& fields) {
    std::vector<AddedToken> result;
    if (!fields.has("added_tokens_decoder"))
        return result;
    const JsonFields decoder = fields.object("added_tokens_decoder");
    for (const auto& [key, value] : fields.at("added_tokens_decoder").items()) {
        const JsonFields entry(value, decoder.place() + ": " + key);
        AddedToken token;
        const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), token.id);
        if (error != std::errc() || end != key.data() + key.size())
            fail(ErrorCode::BadFile, "{}: '{}' is not a token id", decoder.place(), key);
        token.content = entry.string("content");
        token.special = entry.boolean("special", false);
        token.leftStrip = entry.boolean("lstrip", false);
        token.rightStrip = entry.boolean("rstrip", false);
        token.singleWord = entry.boolean("single_word", false);
        token.normalized = entry.boolean("normalized", !token.special);
        result.push_back(std::move(token));
    }
    return result;
}

std::optional<std::string> chatTemplate(const JsonFields& fields) {
    if (!fields.has("chat_template"))
        return std::nullopt;
    if (fields.at("chat_template").is_string())
        return fields.string("chat_template");
    const json& list = fields.array("chat_template");
    for (const json& value : list) {
        const JsonFields entry(value, fields.place() + ": chat_template");
        if (entry.string("name") == "default")
            return entry.string("template");
    }
    return std::nullopt;
}

} // namespace

TokenizerConfig readTokenizerConfig(const std::filesystem::path& folder) {
    const std::filesystem::path path = folder / "tokenizer_config.json";
    TokenizerConfig result;
    if (!std::filesystem::exists(path))
        return result;
    const json document = parseJson(readTextFile(path), path.string());
    const JsonFields fields(document, path.string());
    result.bosToken = tokenText(fields, "bos_token");
    result.eosToken = tokenText(fields, "eos_token");
    result.unknownToken = tokenText(fields, "unk_token");
    result.addBosToken = flag(fields, "add_bos_token");
    result.addEosToken = flag(fields, "add_eos_token");
    result.legacy = flag(fields, "legacy");
    result.addPrefixSpace = flag(fields, "add_prefix_space");
    result.addedTokens = addedTokens(fields);
    result.chatTemplate = chatTemplate(fields);
    return result;
}

} // namespace lorikeet
