// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/tokenizer_json.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/text/bpe_model.h"
#include "core/text/json_fields.h"
#include "core/text/pipeline_tokenizer.h"

namespace lorikeet {

using nlohmann::json;

namespace {

constexpr int kDeepestProcessor = 8;

std::unique_ptr<Vocabulary> parseVocabulary(const JsonFields& model) {
    const JsonFields place = model.object("vocab");
    const json& entries = model.at("vocab");
    // Ids may have holes, but not so many that a short file asks for much memory.
    const auto limit = static_cast<int64_t>(2 * entries.size() + 65536);
    std::vector<std::string> pieces;
    for (const auto& [piece, value] : entries.items()) {
        if (!value.is_number_integer() || value.is_number_float())
            fail(ErrorCode::BadFile, "{}: '{}' has no whole number as id", place.place(), piece);
        const auto id = value.get<int64_t>();
        if (id < 0 || id >= limit)
            fail(ErrorCode::BadFile, "{}: id {} of '{}' among {} tokens", place.place(), id, piece, entries.size());
        if (static_cast<std::size_t>(id) >= pieces.size())
            pieces.resize(static_cast<std::size_t>(id) + 1);
        if (!pieces[id].empty())
            fail(ErrorCode::BadFile, "{}: '{}' and '{}' have the same id {}", place.place(), pieces[id], piece, id);
        pieces[id] = piece;
    }
    return std::make_unique<Vocabulary>(std::move(pieces), place.place());
}

std::vector<std::pair<std::string, std::string>> parseMerges(const JsonFields& model) {
    std::vector<std::pair<std::string, std::string>> merges;
    const json& entries = model.array("merges");
    merges.reserve(entries.size());
    for (const json& entry : entries) {
        if (entry.is_array() && entry.size() == 2 && entry[0].is_string() && entry[1].is_string()) {
            merges.emplace_back(entry[0].get<std::string>(), entry[1].get<std::string>());
            continue;
        }
        const std::string* text = entry.get_ptr<const std::string*>();
        const std::size_t space = text == nullptr ? std::string::npos : text->find(' ');
        if (space == std::string::npos || text->find(' ', space + 1) != std::string::npos)
            fail(ErrorCode::BadFile, "{}: merge {} is not two pieces", model.place(), merges.size());
        merges.emplace_back(text->substr(0, space), text->substr(space + 1));
    }
    return merges;
}

void parseModel(const JsonFields& model, TokenizerParts& parts) {
    // Old files leave the type out.
    const std::string type = model.has("type") ? model.string("type") : model.has("merges") ? "BPE" : "none";
    if (type != "BPE")
        fail(ErrorCode::NotBuilt, "{}: type '{}' is not supported", model.place(), type);
    for (const char* affix : {"continuing_subword_prefix", "end_of_word_suffix"})
        if (model.has(affix) && !model.string(affix).empty())
            fail(ErrorCode::NotBuilt, "{}: {} is not supported", model.place(), affix);
    if (model.has("dropout") && model.at("dropout") != json(0.0))
        fail(ErrorCode::NotBuilt, "{}: dropout is not supported", model.place());
    parts.vocabulary = parseVocabulary(model);
    BpeOptions options;
    if (model.has("unk_token"))
        options.unknownToken = model.string("unk_token");
    options.fuseUnknown = model.boolean("fuse_unk", false);
    options.byteFallback = model.boolean("byte_fallback", false);
    options.ignoreMerges = model.boolean("ignore_merges", false);
    parts.model = std::make_unique<BpeModel>(*parts.vocabulary, parseMerges(model), options, model.place());
}

std::vector<AddedToken> parseAddedTokens(const JsonFields& document) {
    std::vector<AddedToken> result;
    if (!document.has("added_tokens"))
        return result;
    for (const json& value : document.array("added_tokens")) {
        const JsonFields entry(value, document.place() + ": added_tokens");
        AddedToken token;
        const int64_t id = entry.integer("id");
        token.content = entry.string("content");
        if (id < 0 || id > INT32_MAX)
            fail(ErrorCode::BadFile, "{}: id {} of '{}'", entry.place(), id, token.content);
        token.id = static_cast<TokenId>(id);
        token.special = entry.boolean("special", false);
        token.leftStrip = entry.boolean("lstrip", false);
        token.rightStrip = entry.boolean("rstrip", false);
        token.singleWord = entry.boolean("single_word", false);
        token.normalized = entry.boolean("normalized", !token.special);
        result.push_back(std::move(token));
    }
    return result;
}

/// The ids around the sequence "A" of a TemplateProcessing.
void parseTemplate(const JsonFields& processor, TokenizerParts& parts) {
    const JsonFields specials = processor.object("special_tokens");
    bool behind = false;
    for (const json& item : processor.array("single")) {
        const JsonFields step(item, processor.place() + ": single");
        if (step.has("Sequence")) {
            if (behind || step.object("Sequence").string("id") != "A")
                fail(ErrorCode::BadFile, "{}: the text must appear once, as A", step.place());
            behind = true;
            continue;
        }
        const std::string name = step.object("SpecialToken").string("id");
        for (const json& id : specials.object(name.c_str()).array("ids")) {
            if (!id.is_number_integer() || id.get<int64_t>() < 0 || id.get<int64_t>() > INT32_MAX)
                fail(ErrorCode::BadFile, "{}: '{}' has no whole number as id", specials.place(), name);
            (behind ? parts.suffix : parts.prefix).push_back(id.get<TokenId>());
        }
    }
    if (!behind)
        fail(ErrorCode::BadFile, "{}: single has no place for the text", processor.place());
}

void parsePostProcessor(const json& value, const std::string& place, TokenizerParts& parts, int depth) {
    const JsonFields processor(value, place);
    if (depth > kDeepestProcessor)
        fail(ErrorCode::BadFile, "{}: nested deeper than {}", place, kDeepestProcessor);
    const std::string type = processor.string("type");
    if (type == "TemplateProcessing") {
        if (!parts.prefix.empty() || !parts.suffix.empty())
            fail(ErrorCode::NotBuilt, "{}: two TemplateProcessing are not supported", place);
        parseTemplate(processor, parts);
    } else if (type == "Sequence") {
        for (const json& step : processor.array("processors"))
            parsePostProcessor(step, place, parts, depth + 1);
    } else if (type != "ByteLevel") { // ByteLevel only moves the offsets of words
        fail(ErrorCode::NotBuilt, "{}: type '{}' is not supported", place, type);
    }
}

} // namespace

std::unique_ptr<Tokenizer> parseTokenizerJson(std::string_view text, const std::string& origin,
                                              const TokenizerConfig& config) {
    const json root = parseJson(text, origin);
    const JsonFields document(root, origin);
    const auto optional = [&](const char* key) -> const json& {
        static const json kNull;
        return document.has(key) ? document.at(key) : kNull;
    };
    TokenizerParts parts;
    parts.origin = origin;
    parseModel(document.object("model"), parts);
    parts.addedTokens = parseAddedTokens(document);
    parts.normalizer = Normalizer::parse(optional("normalizer"), origin);
    parts.preTokenizer = PreTokenizer::parse(optional("pre_tokenizer"), origin);
    parts.decoder = document.has("decoder")            ? PieceDecoder::parse(document.at("decoder"), origin)
                    : parts.preTokenizer.isByteLevel() ? PieceDecoder::byteLevel()
                                                       : PieceDecoder();
    if (document.has("post_processor"))
        parsePostProcessor(document.at("post_processor"), origin + ": post_processor", parts, 0);
    parts.bos = chooseToken(parts, config.bosToken, std::nullopt, config.bosId);
    parts.eos = chooseToken(parts, config.eosToken, std::nullopt, config.eosId);
    return std::make_unique<PipelineTokenizer>(std::move(parts));
}

} // namespace lorikeet
