// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/gguf_vocabulary.h"

#include <unordered_set>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/formats/gguf_file.h"
#include "core/text/utf8.h"

namespace lorikeet {

using nlohmann::json;

namespace {

const char* const kLlama3Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
const char* const kQwen2Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

std::string_view preTokenizerName(const GgufFile& file) {
    return file.string("tokenizer.ggml.pre").value_or("default");
}

bool isLlama3(std::string_view name) {
    return name == "llama-bpe" || name == "llama3" || name == "llama-v3";
}

json byteLevel(bool prefixSpace, bool splitWords) {
    return {
        {"type", "ByteLevel"}, {"add_prefix_space", prefixSpace}, {"trim_offsets", true}, {"use_regex", splitWords}};
}

json sequence(json first, json second) {
    return {{"type", "Sequence"}, {"pretokenizers", json::array({std::move(first), std::move(second)})}};
}

json split(const char* pattern) {
    return {{"type", "Split"}, {"pattern", {{"Regex", pattern}}}, {"behavior", "Isolated"}, {"invert", false}};
}

} // namespace

std::optional<TokenId> readGgufTokenId(const GgufFile& file, const char* key, std::size_t tokens) {
    const auto value = file.integer(key);
    if (!value)
        return std::nullopt;
    if (*value < 0 || *value >= int64_t(tokens))
        fail(ErrorCode::BadFile, "{}: {} is {}, outside of the vocabulary of {}", file.path().string(), key, *value,
             tokens);
    return static_cast<TokenId>(*value);
}

GgufTokens readGgufTokens(const GgufFile& file, bool addsBos) {
    const std::string origin = file.path().string();
    const auto tokens = file.strings("tokenizer.ggml.tokens");
    if (!tokens || tokens->empty())
        fail(ErrorCode::BadFile, "{}: no tokenizer.ggml.tokens", origin);
    GgufTokens result;
    result.types = file.integers("tokenizer.ggml.token_type").value_or(std::vector<int64_t>(tokens->size(), kNormal));
    if (result.types.size() != tokens->size())
        fail(ErrorCode::BadFile, "{}: {} token types for {} tokens", origin, result.types.size(), tokens->size());
    std::unordered_set<std::string_view> seen;
    for (std::size_t i = 0; i < tokens->size(); ++i) {
        const std::string_view text = (*tokens)[i];
        const int64_t type = result.types[i];
        if (findInvalidUtf8(text) != std::string_view::npos)
            fail(ErrorCode::BadFile, "{}: token {} is not UTF-8", origin, i);
        // Padding at the end of a vocabulary may repeat itself: such ids are holes.
        const bool repeatedUnused = type == kUnused && seen.contains(text);
        result.pieces.emplace_back(repeatedUnused ? std::string_view() : text);
        seen.insert(text);
        const bool control = type == kControl || type == kUnknown;
        if ((control || type == kUserDefined) && !text.empty())
            result.addedTokens.push_back(
                {.id = static_cast<TokenId>(i), .content = std::string(text), .special = control});
    }
    result.bos = readGgufTokenId(file, "tokenizer.ggml.bos_token_id", tokens->size());
    result.eos = readGgufTokenId(file, "tokenizer.ggml.eos_token_id", tokens->size());
    // Files of Llama 3 leave the flag out, and llama.cpp takes it as set.
    const bool standard = addsBos || isLlama3(preTokenizerName(file));
    result.addsBos = file.boolean("tokenizer.ggml.add_bos_token").value_or(standard) && result.bos;
    result.addsEos = file.boolean("tokenizer.ggml.add_eos_token").value_or(false) && result.eos;
    return result;
}

std::vector<std::pair<std::string, std::string>> readGgufMerges(const GgufFile& file) {
    const std::string origin = file.path().string();
    const auto lines = file.strings("tokenizer.ggml.merges");
    if (!lines)
        fail(ErrorCode::BadFile, "{}: no tokenizer.ggml.merges", origin);
    std::vector<std::pair<std::string, std::string>> merges;
    merges.reserve(lines->size());
    for (const std::string_view line : *lines) {
        const std::size_t space = line.find(' ', 1);
        if (space == std::string_view::npos || space + 1 == line.size() ||
            findInvalidUtf8(line) != std::string_view::npos)
            fail(ErrorCode::BadFile, "{}: merge {} is not two pieces", origin, merges.size());
        merges.emplace_back(line.substr(0, space), line.substr(space + 1));
    }
    return merges;
}

json ggufPreTokenizer(const GgufFile& file) {
    const std::string_view name = preTokenizerName(file);
    const bool prefix = file.boolean("tokenizer.ggml.add_space_prefix").value_or(false);
    if (name == "gpt-2" || name == "default")
        return byteLevel(prefix, true);
    if (name == "smollm")
        return sequence({{"type", "Digits"}, {"individual_digits", true}}, byteLevel(prefix, true));
    if (isLlama3(name))
        return sequence(split(kLlama3Pattern), byteLevel(prefix, false));
    if (name == "qwen2")
        return sequence(split(kQwen2Pattern), byteLevel(prefix, false));
    fail(ErrorCode::NotBuilt, "{}: pre-tokenizer '{}' is not supported", file.path().string(), name);
}

bool ggufIgnoresMerges(const GgufFile& file) {
    return isLlama3(preTokenizerName(file));
}

} // namespace lorikeet
