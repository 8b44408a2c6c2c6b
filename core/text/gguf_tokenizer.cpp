// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/gguf_tokenizer.h"

#include <algorithm>
#include <unordered_set>

#include "core/base/error.h"
#include "core/formats/gguf_file.h"
#include "core/text/bpe_model.h"
#include "core/text/pipeline_tokenizer.h"
#include "core/text/sentencepiece_bpe.h"
#include "core/text/utf8.h"

namespace lorikeet {

namespace {

constexpr const char* kSpaceMark = "\xE2\x96\x81";

/// tokenizer.ggml.token_type
enum GgufTokenType : int64_t { kNormal = 1, kUnknown = 2, kControl = 3, kUserDefined = 4, kUnused = 5, kByte = 6 };

const char* const kLlama3Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
const char* const kQwen2Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

class Reader {
public:
    explicit Reader(const GgufFile& file) : m_file(file), m_origin(file.path().string()) {}

    std::unique_ptr<Tokenizer> read() {
        const auto model = m_file.string("tokenizer.ggml.model");
        if (!model)
            fail(ErrorCode::BadFile, "{}: no tokenizer.ggml.model", m_origin);
        if (*model != "gpt2" && *model != "llama")
            fail(ErrorCode::NotBuilt, "{}: tokenizer model '{}' is not supported", m_origin, *model);
        m_parts.origin = m_origin;
        readTokens();
        m_parts.bos = id("tokenizer.ggml.bos_token_id");
        m_parts.eos = id("tokenizer.ggml.eos_token_id");
        const bool sentencePiece = *model == "llama";
        if (sentencePiece)
            readSentencePiece();
        else
            readByteLevel();
        if (m_file.boolean("tokenizer.ggml.add_bos_token").value_or(sentencePiece) && m_parts.bos)
            m_parts.prefix.push_back(*m_parts.bos);
        if (m_file.boolean("tokenizer.ggml.add_eos_token").value_or(false) && m_parts.eos)
            m_parts.suffix.push_back(*m_parts.eos);
        return std::make_unique<PipelineTokenizer>(std::move(m_parts));
    }

private:
    void readTokens() {
        const auto tokens = m_file.strings("tokenizer.ggml.tokens");
        if (!tokens || tokens->empty())
            fail(ErrorCode::BadFile, "{}: no tokenizer.ggml.tokens", m_origin);
        m_types = m_file.integers("tokenizer.ggml.token_type").value_or(std::vector<int64_t>(tokens->size(), kNormal));
        if (m_types.size() != tokens->size())
            fail(ErrorCode::BadFile, "{}: {} token types for {} tokens", m_origin, m_types.size(), tokens->size());
        std::vector<std::string> pieces;
        std::unordered_set<std::string_view> seen;
        for (std::size_t i = 0; i < tokens->size(); ++i) {
            const std::string_view text = (*tokens)[i];
            if (findInvalidUtf8(text) != std::string_view::npos)
                fail(ErrorCode::BadFile, "{}: token {} is not UTF-8", m_origin, i);
            // Padding at the end of a vocabulary may repeat itself: such ids are holes.
            const bool repeatedUnused = m_types[i] == kUnused && seen.contains(text);
            pieces.emplace_back(repeatedUnused ? std::string_view() : text);
            seen.insert(text);
            const bool control = m_types[i] == kControl || m_types[i] == kUnknown;
            if ((control || m_types[i] == kUserDefined) && !text.empty())
                m_parts.addedTokens.push_back(
                    {.id = static_cast<TokenId>(i), .content = std::string(text), .special = control});
        }
        m_parts.vocabulary = std::make_unique<Vocabulary>(std::move(pieces), m_origin);
    }

    std::optional<TokenId> id(const char* key) const {
        const auto value = m_file.integer(key);
        if (!value)
            return std::nullopt;
        if (*value < 0 || *value >= m_parts.vocabulary->size())
            fail(ErrorCode::BadFile, "{}: {} is {}, outside of the vocabulary of {}", m_origin, key, *value,
                 m_parts.vocabulary->size());
        return static_cast<TokenId>(*value);
    }

    void readByteLevel() {
        const auto lines = m_file.strings("tokenizer.ggml.merges");
        if (!lines)
            fail(ErrorCode::BadFile, "{}: no tokenizer.ggml.merges", m_origin);
        std::vector<std::pair<std::string, std::string>> merges;
        merges.reserve(lines->size());
        for (const std::string_view line : *lines) {
            const std::size_t space = line.find(' ', 1);
            if (space == std::string_view::npos || space + 1 == line.size() ||
                findInvalidUtf8(line) != std::string_view::npos)
                fail(ErrorCode::BadFile, "{}: merge {} is not two pieces", m_origin, merges.size());
            merges.emplace_back(line.substr(0, space), line.substr(space + 1));
        }
        BpeOptions options;
        addPreTokenizer(options);
        m_parts.model = std::make_unique<BpeModel>(*m_parts.vocabulary, merges, options, m_origin);
        m_parts.decoder = PieceDecoder::byteLevel();
    }

    void addPreTokenizer(BpeOptions& options) {
        const std::string_view name = m_file.string("tokenizer.ggml.pre").value_or("default");
        PreTokenizer& chain = m_parts.preTokenizer;
        const bool prefix = m_file.boolean("tokenizer.ggml.add_space_prefix").value_or(false);
        if (name == "gpt-2" || name == "default") {
            chain.addByteLevel(prefix, true);
        } else if (name == "smollm") {
            chain.addSplit(R"(\p{N})", SplitBehavior::Isolated, false, m_origin);
            chain.addByteLevel(prefix, true);
        } else if (name == "llama-bpe" || name == "llama3" || name == "llama-v3") {
            chain.addSplit(kLlama3Pattern, SplitBehavior::Isolated, false, m_origin);
            chain.addByteLevel(prefix, false);
            options.ignoreMerges = true;
        } else if (name == "qwen2") {
            chain.addSplit(kQwen2Pattern, SplitBehavior::Isolated, false, m_origin);
            chain.addByteLevel(prefix, false);
        } else {
            fail(ErrorCode::NotBuilt, "{}: pre-tokenizer '{}' is not supported", m_origin, name);
        }
    }

    void readSentencePiece() {
        const auto numbers = m_file.numbers("tokenizer.ggml.scores");
        if (!numbers)
            fail(ErrorCode::BadFile, "{}: no tokenizer.ggml.scores", m_origin);
        std::vector<bool> usable;
        for (const int64_t type : m_types)
            usable.push_back(type == kNormal || type == kUserDefined);
        m_parts.model = std::make_unique<SentencePieceBpe>(
            *m_parts.vocabulary, std::vector<float>(numbers->begin(), numbers->end()), usable,
            id("tokenizer.ggml.unknown_token_id").value_or(-1), m_origin);
        const bool prefix = m_file.boolean("tokenizer.ggml.add_space_prefix").value_or(true);
        m_parts.leadingSpace = prefix ? LeadingSpace::AfterSpecial : LeadingSpace::Never;
        m_parts.normalizer.addReplace(" ", kSpaceMark);
        m_parts.decoder = PieceDecoder::sentencePiece(prefix ? 1 : 0);
    }

    const GgufFile& m_file;
    std::string m_origin;
    std::vector<int64_t> m_types;
    TokenizerParts m_parts;
};

} // namespace

std::unique_ptr<Tokenizer> loadGgufTokenizer(const GgufFile& file) {
    return Reader(file).read();
}

} // namespace lorikeet
