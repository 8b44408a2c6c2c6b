// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/gguf_tokenizer.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/formats/gguf_file.h"
#include "core/text/bpe_model.h"
#include "core/text/gguf_vocabulary.h"
#include "core/text/pipeline_tokenizer.h"
#include "core/text/sentencepiece_bpe.h"

namespace lorikeet {

namespace {

constexpr const char* kSpaceMark = "\xE2\x96\x81";

void addByteLevel(const GgufFile& file, TokenizerParts& parts) {
    const auto merges = readGgufMerges(file);
    BpeOptions options;
    options.ignoreMerges = ggufIgnoresMerges(file);
    parts.preTokenizer = PreTokenizer::parse(ggufPreTokenizer(file), parts.origin);
    parts.model = std::make_unique<BpeModel>(*parts.vocabulary, merges, options, parts.origin);
    parts.decoder = PieceDecoder::byteLevel();
}

void addSentencePiece(const GgufFile& file, const GgufTokens& tokens, TokenizerParts& parts) {
    const auto numbers = file.numbers("tokenizer.ggml.scores");
    if (!numbers)
        fail(ErrorCode::BadFile, "{}: no tokenizer.ggml.scores", parts.origin);
    std::vector<bool> usable;
    for (const int64_t type : tokens.types)
        usable.push_back(type == kNormal || type == kUserDefined);
    const auto unknown = readGgufTokenId(file, "tokenizer.ggml.unknown_token_id", usable.size());
    parts.model =
        std::make_unique<SentencePieceBpe>(*parts.vocabulary, std::vector<float>(numbers->begin(), numbers->end()),
                                           usable, unknown.value_or(-1), parts.origin);
    const bool prefix = file.boolean("tokenizer.ggml.add_space_prefix").value_or(true);
    parts.leadingSpace = prefix ? LeadingSpace::AfterSpecial : LeadingSpace::Never;
    parts.normalizer.addReplace(" ", kSpaceMark);
    parts.decoder = PieceDecoder::sentencePiece(prefix ? 1 : 0);
}

} // namespace

std::unique_ptr<Tokenizer> loadGgufTokenizer(const GgufFile& file) {
    TokenizerParts parts;
    parts.origin = file.path().string();
    const auto model = file.string("tokenizer.ggml.model");
    if (!model)
        fail(ErrorCode::BadFile, "{}: no tokenizer.ggml.model", parts.origin);
    if (*model != "gpt2" && *model != "llama")
        fail(ErrorCode::NotBuilt, "{}: tokenizer model '{}' is not supported", parts.origin, *model);
    const bool sentencePiece = *model == "llama";
    GgufTokens tokens = readGgufTokens(file, /*addsBos=*/sentencePiece);
    parts.vocabulary = std::make_unique<Vocabulary>(std::move(tokens.pieces), parts.origin);
    parts.addedTokens = std::move(tokens.addedTokens);
    parts.bos = tokens.bos;
    parts.eos = tokens.eos;
    if (sentencePiece)
        addSentencePiece(file, tokens, parts);
    else
        addByteLevel(file, parts);
    if (tokens.addsBos)
        parts.prefix.push_back(*tokens.bos);
    if (tokens.addsEos)
        parts.suffix.push_back(*tokens.eos);
    return std::make_unique<PipelineTokenizer>(std::move(parts));
}

} // namespace lorikeet
