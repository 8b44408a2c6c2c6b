// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/sentencepiece_tokenizer.h"

#include <cstdint>
#include <unordered_set>

#include <sentencepiece_processor.h>

#include "core/base/error.h"
#include "core/text/byte_alphabet.h"
#include "core/text/pipeline_tokenizer.h"
#include "core/text/sentencepiece_model.h"

namespace lorikeet {

namespace {

/// normalizer_spec { add_dummy_prefix: false }: a message field that comes again overrides what came before.
constexpr std::string_view kNoDummyPrefix("\x1A\x02\x18\x00", 4);

class Processor : public WordModel {
public:
    Processor(const std::string& bytes, const std::string& origin) : m_origin(origin) {
        const auto status = m_processor.LoadFromSerializedProto(bytes);
        if (!status.ok())
            fail(ErrorCode::BadFile, "{}: {}", origin, status.ToString());
    }

    void encode(std::string_view word, std::vector<TokenId>& ids) const override {
        std::vector<int> found;
        const auto status = m_processor.Encode({word.data(), word.size()}, &found);
        if (!status.ok())
            fail(ErrorCode::BadFile, "{}: encoding {} bytes: {}", m_origin, word.size(), status.ToString());
        ids.insert(ids.end(), found.begin(), found.end());
    }

    std::optional<TokenId> bos() const { return present(m_processor.bos_id()); }
    std::optional<TokenId> eos() const { return present(m_processor.eos_id()); }

private:
    static std::optional<TokenId> present(int id) { return id < 0 ? std::nullopt : std::optional<TokenId>(id); }

    sentencepiece::SentencePieceProcessor m_processor;
    std::string m_origin;
};

/// The tokens of tokenizer_config.json, and the file's own control pieces where that does not name them.
std::vector<AddedToken> addedTokens(const SentencePieceModel& model, const TokenizerConfig& config) {
    std::vector<AddedToken> result = config.addedTokens;
    // Everything is looked for in the text as it is written: here the normalizer belongs to the model.
    std::unordered_set<std::string> known;
    for (AddedToken& token : result) {
        token.normalized = false;
        known.insert(token.content);
    }
    for (std::size_t id = 0; id < model.pieces.size(); ++id) {
        const SentencePieceEntry& entry = model.pieces[id];
        const bool control = entry.type == PieceType::Control || entry.type == PieceType::Unknown;
        if (control && known.insert(entry.text).second)
            result.push_back({.id = static_cast<TokenId>(id), .content = entry.text, .special = true});
    }
    return result;
}

} // namespace

std::unique_ptr<Tokenizer> parseSentencePieceTokenizer(std::string bytes, const std::string& origin,
                                                       const TokenizerConfig& config) {
    const SentencePieceModel model = parseSentencePieceModel(bytes, origin);
    TokenizerParts parts;
    parts.origin = origin;
    std::vector<std::string> pieces;
    for (const SentencePieceEntry& entry : model.pieces)
        pieces.push_back(entry.text);
    parts.vocabulary = std::make_unique<Vocabulary>(std::move(pieces), origin);
    parts.addedTokens = addedTokens(model, config);

    bool prefixes = model.addsDummyPrefix;
    const bool onlyAtStart = !config.legacy.value_or(true);
    const bool never = !config.addPrefixSpace.value_or(true);
    if (prefixes && (onlyAtStart || never)) {
        if (model.removesExtraSpaces)
            fail(ErrorCode::NotBuilt, "{}: legacy or add_prefix_space off with a model that removes spaces", origin);
        bytes += kNoDummyPrefix;
        prefixes = !never;
        parts.leadingSpace = never ? LeadingSpace::Never : LeadingSpace::AtStart;
    }
    auto processor = std::make_unique<Processor>(bytes, origin);
    parts.bos = chooseToken(parts, config.bosToken, processor->bos(), config.bosId);
    parts.eos = chooseToken(parts, config.eosToken, processor->eos(), config.eosId);
    parts.model = std::move(processor);
    // A model that removes spaces writes none of those in front.
    parts.decoder = PieceDecoder::sentencePiece(model.removesExtraSpaces ? INT32_MAX : prefixes ? 1 : 0);
    if (config.addBosToken.value_or(true) && parts.bos)
        parts.prefix.push_back(*parts.bos);
    if (config.addEosToken.value_or(false) && parts.eos)
        parts.suffix.push_back(*parts.eos);
    return std::make_unique<PipelineTokenizer>(std::move(parts));
}

} // namespace lorikeet
