// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/tokenizer_config.h"

#include <charconv>
#include <limits>
#include <unordered_set>

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

/// Special tokens by their role, whatever the file calls the role.
std::vector<std::string> specialTexts(const JsonFields& fields, const json& document) {
    std::vector<std::string> texts;
    for (const auto& [key, value] : document.items()) {
        if (key == "additional_special_tokens" && value.is_array()) {
            for (const json& token : value)
                texts.push_back(token.is_object()   ? JsonFields(token, fields.place() + ": " + key).string("content")
                                : token.is_string() ? token.get<std::string>()
                                                    : std::string());
        } else if (key.ends_with("_token") && (value.is_string() || value.is_object())) {
            texts.push_back(*tokenText(fields, key.c_str()));
        }
    }
    return texts;
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

/// added_tokens.json of an older folder: ids by content. What a role names is special.
std::vector<AddedToken> legacyAddedTokens(const std::filesystem::path& path, const std::vector<std::string>& specials) {
    const json document = parseJson(readTextFile(path), path.string());
    const JsonFields fields(document, path.string());
    const std::unordered_set<std::string> isSpecial(specials.begin(), specials.end());
    std::vector<AddedToken> result;
    for (const auto& item : document.items()) {
        AddedToken token;
        token.content = item.key();
        const int64_t id = fields.integer(item.key().c_str());
        if (id < 0 || id > std::numeric_limits<TokenId>::max())
            fail(ErrorCode::BadFile, "{}: id {} of '{}'", path.string(), id, token.content);
        token.id = static_cast<TokenId>(id);
        token.special = isSpecial.contains(token.content);
        token.normalized = !token.special;
        result.push_back(std::move(token));
    }
    return result;
}

/// A token's id as config.json writes it: a number, or a list of which the first is it.
std::optional<TokenId> configuredId(const json& document, const char* key) {
    const auto found = document.find(key);
    if (found == document.end())
        return std::nullopt;
    const json& value = found->is_array() && !found->empty() ? found->front() : *found;
    if (!value.is_number_unsigned() || value.get<uint64_t>() > uint64_t(std::numeric_limits<TokenId>::max()))
        return std::nullopt;
    return value.get<TokenId>();
}

void readIds(const std::filesystem::path& path, bool wantsBos, bool wantsEos, TokenizerConfig& result) {
    if (!std::filesystem::exists(path))
        return;
    const json document = parseJson(readTextFile(path), path.string());
    const JsonFields fields(document, path.string());
    if (wantsBos && !result.bosId)
        result.bosId = configuredId(document, "bos_token_id");
    if (wantsEos && !result.eosId)
        result.eosId = configuredId(document, "eos_token_id");
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
    const auto read = [&](const char* name) {
        const std::filesystem::path path = folder / name;
        return std::filesystem::exists(path) ? parseJson(readTextFile(path), path.string()) : json::object();
    };
    TokenizerConfig result;
    const json document = read("tokenizer_config.json"), map = read("special_tokens_map.json");
    const JsonFields fields(document, (folder / "tokenizer_config.json").string());
    const JsonFields mapped(map, (folder / "special_tokens_map.json").string());
    const auto named = [&](const char* key) { return tokenText(document.contains(key) ? fields : mapped, key); };
    result.bosToken = named("bos_token");
    result.eosToken = named("eos_token");
    result.unknownToken = named("unk_token");
    const auto isOpen = [&](const char* key) { return !document.contains(key) && !map.contains(key); };
    for (const char* name : {"config.json", "generation_config.json"})
        readIds(folder / name, isOpen("bos_token"), isOpen("eos_token"), result);
    result.addBosToken = flag(fields, "add_bos_token");
    result.addEosToken = flag(fields, "add_eos_token");
    result.legacy = flag(fields, "legacy");
    result.addPrefixSpace = flag(fields, "add_prefix_space");
    result.addedTokens = addedTokens(fields);
    if (const auto path = folder / "added_tokens.json"; !fields.has("added_tokens_decoder") && exists(path)) {
        std::vector<std::string> specials = specialTexts(fields, document);
        for (std::string& text : specialTexts(mapped, map))
            specials.push_back(std::move(text));
        result.addedTokens = legacyAddedTokens(path, specials);
    }
    result.chatTemplate = chatTemplate(fields);
    return result;
}

} // namespace lorikeet
