// SPDX-License-Identifier: GPL-3.0-or-later
#include <limits>
#include <optional>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/formats/gguf_file.h"
#include "core/model/config_checks.h"
#include "core/model/model_config.h"
#include "core/model/model_family.h"

namespace lorikeet {

namespace {

/// The keys of one architecture: "block_count" is looked up as "llama.block_count".
class GgufFields {
public:
    GgufFields(const GgufFile& file, std::string architecture, std::string source)
        : m_file(file), m_architecture(std::move(architecture)), m_source(std::move(source)) {}

    const std::string& source() const { return m_source; }
    std::string key(std::string_view name) const { return fmt::format("{}.{}", m_architecture, name); }

    int64_t integer(std::string_view name, int64_t low, int64_t high, std::optional<int64_t> absent = {}) const {
        const std::optional<int64_t> value = m_file.integer(key(name));
        if (!value && !absent)
            missing(name);
        return value ? checkedRange(m_source, key(name), *value, low, high) : *absent;
    }

    int size(std::string_view name, int high, std::optional<int64_t> absent = {}) const {
        return int(integer(name, 1, high, absent));
    }

    double number(std::string_view name, double low, double high, std::optional<double> absent = {}) const {
        const std::optional<double> value = m_file.number(key(name));
        if (!value && !absent)
            missing(name);
        return value ? checkedRange(m_source, key(name), *value, low, high) : *absent;
    }

    std::string text(std::string_view name, std::string_view absent) const {
        return std::string(m_file.string(key(name)).value_or(absent));
    }

private:
    [[noreturn]] void missing(std::string_view name) const {
        fail(ErrorCode::BadFile, "{}: {} is missing", m_source, key(name));
    }

    const GgufFile& m_file;
    std::string m_architecture;
    std::string m_source;
};

constexpr double kAnyFactor = 1e6;

std::vector<float> readDivisors(const GgufFile& file, int rotaryDim, std::string_view source) {
    const TensorRecord* record = file.find("rope_freqs.weight");
    if (!record)
        return {};
    if (record->elements() != rotaryDim / 2)
        fail(ErrorCode::BadFile, "{}: rope_freqs.weight is {}, expected {} values", source, record->text(),
             rotaryDim / 2);
    std::vector<float> divisors(std::size_t(rotaryDim / 2));
    decode(*record, 0, divisors);
    for (float divisor : divisors)
        if (!(divisor > 0.0f && divisor < std::numeric_limits<float>::infinity()))
            fail(ErrorCode::BadFile, "{}: rope_freqs.weight holds {}, expected positive numbers", source, divisor);
    return divisors;
}

RopeConfig readRope(const GgufFile& file, const GgufFields& fields, const ModelFamily& family,
                    const ModelConfig& config) {
    RopeConfig rope;
    rope.theta = fields.number("rope.freq_base", 1.0 + 1e-6, 1e15, 10000.0);
    rope.rotaryDim = fields.size("rope.dimension_count", kMaxHeadDim, config.headDim);
    if (family.ggufPermuted && rope.rotaryDim != config.headDim)
        fail(ErrorCode::NotBuilt, "{}: RoPE over {} of a head's {} values is not built for {}", fields.source(),
             rope.rotaryDim, config.headDim, family.name);
    rope.originalPositions =
        fields.integer("rope.scaling.original_context_length", 1, kMaxPositions, config.maxPositions);
    // As llama.cpp does: a factor alone is linear, and older files call it scale_linear.
    const char* factor = file.has(fields.key("rope.scaling.factor")) ? "rope.scaling.factor" : "rope.scale_linear";
    const std::string type = fields.text("rope.scaling.type", file.has(fields.key(factor)) ? "linear" : "none");
    rope.type = type == "none" ? RopeType::Default : ropeTypeNamed(type, fields.source());
    if (rope.type != RopeType::Default) {
        if (rope.type != RopeType::Linear && rope.type != RopeType::Yarn)
            fail(ErrorCode::BadFile, "{}: {} is \"{}\", expected none, linear or yarn", fields.source(),
                 fields.key("rope.scaling.type"), type);
        rope.factor = fields.number(factor, 1.0, kAnyFactor);
    }
    if (rope.type == RopeType::Yarn) {
        rope.betaFast = fields.number("rope.scaling.yarn_beta_fast", 1e-6, kAnyFactor, 32.0);
        rope.betaSlow = fields.number("rope.scaling.yarn_beta_slow", 1e-6, kAnyFactor, 1.0);
        rope.attentionFactor =
            yarnAttentionFactor(rope.factor) * fields.number("rope.scaling.attn_factor", 1e-6, kAnyFactor, 1.0);
    }
    rope.divisors = readDivisors(file, rope.rotaryDim, fields.source());
    return rope;
}

int readVocabularySize(const GgufFile& file, const GgufFields& fields) {
    const auto tokens = file.arrayLength("tokenizer.ggml.tokens");
    if (!tokens)
        return fields.size("vocab_size", kMaxVocabulary);
    return int(
        checkedRange<uint64_t>(fields.source(), "the length of tokenizer.ggml.tokens", *tokens, 1, kMaxVocabulary));
}

std::vector<int32_t> readEndTokens(const GgufFile& file, const GgufFields& fields, int vocabularySize) {
    std::vector<int32_t> tokens;
    for (const char* key : {"tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id"})
        if (const std::optional<int64_t> token = file.integer(key))
            tokens.push_back(int32_t(checkedRange<int64_t>(fields.source(), key, *token, 0, vocabularySize - 1)));
    return tokens;
}

} // namespace

ModelConfig modelConfigOf(const GgufFile& file, const std::filesystem::path& path) {
    const std::string source = path.string();
    const auto architecture = file.string("general.architecture");
    if (!architecture)
        fail(ErrorCode::BadFile, "{}: general.architecture is missing", source);
    const ModelFamily& family = modelFamily(*architecture, source);
    const GgufFields fields(file, std::string(*architecture), source);
    if (fields.integer("expert_count", 0, std::numeric_limits<int>::max(), 0) > 0)
        fail(ErrorCode::NotBuilt, "{}: mixtures of experts are not built", source);

    ModelConfig config;
    config.architecture = family.name;
    config.vocabularySize = readVocabularySize(file, fields);
    config.hiddenSize = fields.size("embedding_length", kMaxWidth);
    config.intermediateSize = fields.size("feed_forward_length", kMaxWidth);
    config.layers = fields.size("block_count", kMaxLayers);
    config.heads = fields.size("attention.head_count", kMaxHeads);
    config.kvHeads = fields.size("attention.head_count_kv", kMaxHeads, config.heads);
    const bool hasHeadDim = file.has(fields.key("attention.key_length"));
    if (!hasHeadDim && config.hiddenSize % config.heads != 0)
        fail(ErrorCode::BadFile, "{}: embedding_length {} is not a multiple of head_count {}", source,
             config.hiddenSize, config.heads);
    config.headDim = fields.size("attention.key_length", kMaxHeadDim, config.hiddenSize / config.heads);
    const int valueDim = fields.size("attention.value_length", kMaxHeadDim, config.headDim);
    if (valueDim != config.headDim)
        fail(ErrorCode::NotBuilt, "{}: heads with keys of {} and values of {} are not built", source, config.headDim,
             valueDim);
    config.maxPositions = fields.integer("context_length", 1, kMaxPositions, 2048);
    config.normEpsilon = float(fields.number("attention.layer_norm_rms_epsilon", 1e-30, 1.0));
    config.queryKeyValueBias = family.alwaysQueryKeyValueBias || file.find("blk.0.attn_q.bias");
    config.attentionOutputBias = file.find("blk.0.attn_output.bias");
    config.feedForwardBias = file.find("blk.0.ffn_gate.bias");
    config.tiedEmbeddings = !file.find(ggufNames().of(ModelTensor::Head));
    const int window = int(fields.integer("attention.sliding_window", 0, std::numeric_limits<int>::max(), 0));
    config.windows.assign(std::size_t(config.layers), family.windows == WindowRule::UpperLayers ? 0 : window);
    config.rope = readRope(file, fields, family, config);
    config.endTokens = readEndTokens(file, fields, config.vocabularySize);
    checkModelConfig(config, source);
    return config;
}

ModelConfig readModelConfig(const std::filesystem::path& model) {
    if (std::filesystem::is_directory(model)) {
        const std::filesystem::path file = model / "config.json";
        if (!std::filesystem::exists(file))
            fail(ErrorCode::NotFound, "{}: a model folder without config.json", model.string());
        constexpr std::size_t kLimit = std::size_t(16) << 20;
        return parseModelConfig(readTextFile(file, kLimit), file);
    }
    return modelConfigOf(GgufFile(model), model);
}

} // namespace lorikeet
