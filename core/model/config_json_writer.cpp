// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/config_json_writer.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <nlohmann/json.hpp>

#include "core/base/decimal.h"
#include "core/base/error.h"
#include "core/model/model_family.h"
#include "core/model/rope_table.h"

namespace lorikeet {

namespace {

using nlohmann::json;

/// Whether two lists of RoPE frequencies are the same but for roundings in float32.
bool equalFrequencies(std::span<const float> one, std::span<const float> other) {
    constexpr float kTolerance = 1e-5f;
    return std::ranges::equal(one, other, [](float a, float b) { return std::abs(a - b) <= kTolerance * b; });
}

/// The parameters of llama3 that give the frequencies of `rope` (numerics: section 7). All models of that kind have
/// the factors 1 and 4; the largest divisor is the factor, and one between 1 and it tells the original context.
std::optional<RopeConfig> llama3Rope(const RopeConfig& rope, int64_t maxPositions) {
    RopeConfig plain = rope;
    plain.divisors.clear();
    RopeConfig found = plain;
    found.type = RopeType::Llama3;
    found.lowFrequencyFactor = 1.0;
    found.highFrequencyFactor = 4.0;
    found.factor = double(*std::ranges::max_element(rope.divisors));
    found.originalPositions = 8192;
    const std::vector<float> frequencies = ropeFrequencies(plain, maxPositions, maxPositions);
    for (std::size_t i = 0; i < frequencies.size(); ++i) {
        const double divisor = double(rope.divisors[i]);
        if (divisor <= 1.0 || divisor >= found.factor)
            continue;
        const double smooth = (1.0 / divisor - 1.0 / found.factor) / (1.0 - 1.0 / found.factor);
        const double wavelength = 2.0 * std::numbers::pi / double(frequencies[i]);
        const double range = found.highFrequencyFactor - found.lowFrequencyFactor;
        found.originalPositions = std::llround(wavelength * (smooth * range + found.lowFrequencyFactor));
        break;
    }
    const bool same = equalFrequencies(ropeFrequencies(found, maxPositions, maxPositions),
                                       ropeFrequencies(rope, maxPositions, maxPositions));
    return same ? std::optional(found) : std::nullopt;
}

/// The configuration with what config.json has other words for, or none, brought into its form.
ModelConfig asJsonSaysIt(ModelConfig config, const std::string& source) {
    RopeConfig& rope = config.rope;
    if (rope.type != RopeType::Yarn && rope.type != RopeType::Llama3)
        rope.originalPositions = config.maxPositions; // means nothing there
    if (rope.divisors.empty())
        return config;
    if (std::ranges::all_of(rope.divisors, [](float divisor) { return divisor == 1.0f; })) {
        rope.divisors.clear();
        return config;
    }
    const auto llama3 = rope.type == RopeType::Default ? llama3Rope(rope, config.maxPositions) : std::nullopt;
    if (!llama3)
        fail(ErrorCode::NotBuilt, "{}: config.json has no words for the divisors of RoPE frequencies in rope_freqs",
             source);
    rope = *llama3;
    return config;
}

json ropeScaling(const RopeConfig& rope) {
    switch (rope.type) {
    case RopeType::Default:
        return nullptr;
    case RopeType::Linear:
        return {{"rope_type", "linear"}, {"factor", rope.factor}};
    case RopeType::Dynamic:
        return {{"rope_type", "dynamic"}, {"factor", rope.factor}};
    case RopeType::Yarn:
        return {{"rope_type", "yarn"},
                {"factor", rope.factor},
                {"original_max_position_embeddings", rope.originalPositions},
                {"beta_fast", rope.betaFast},
                {"beta_slow", rope.betaSlow},
                {"attention_factor", rope.attentionFactor},
                {"truncate", rope.truncate}};
    case RopeType::Llama3:
        return {{"rope_type", "llama3"},
                {"factor", rope.factor},
                {"low_freq_factor", rope.lowFrequencyFactor},
                {"high_freq_factor", rope.highFrequencyFactor},
                {"original_max_position_embeddings", rope.originalPositions}};
    }
    return nullptr;
}

void addWindows(json& root, const ModelConfig& config, const ModelFamily& family) {
    if (family.windows == WindowRule::None)
        return;
    const int window = *std::ranges::max_element(config.windows);
    root["sliding_window"] = window > 0 ? json(window) : json(nullptr);
    if (family.windows != WindowRule::UpperLayers)
        return;
    root["use_sliding_window"] = window > 0;
    if (window == 0)
        return;
    json types = json::array();
    for (int layer : config.windows)
        types.push_back(layer > 0 ? "sliding_attention" : "full_attention");
    root["layer_types"] = std::move(types);
    root["max_window_layers"] = std::ranges::find(config.windows, window) - config.windows.begin();
}

json endTokens(const std::vector<int32_t>& tokens) {
    if (tokens.empty())
        return nullptr;
    return tokens.size() == 1 ? json(tokens.front()) : json(tokens);
}

json jsonOf(const ModelConfig& config, const ModelFamily& family) {
    json root = {{"architectures", json::array({family.causalClass})},
                 {"model_type", config.architecture},
                 {"vocab_size", config.vocabularySize},
                 {"hidden_size", config.hiddenSize},
                 {"intermediate_size", config.intermediateSize},
                 {"num_hidden_layers", config.layers},
                 {"num_attention_heads", config.heads},
                 {"num_key_value_heads", config.kvHeads},
                 {"head_dim", config.headDim},
                 {"max_position_embeddings", config.maxPositions},
                 {"rms_norm_eps", asDecimal(config.normEpsilon)},
                 {"hidden_act", config.activation == Activation::Silu ? "silu" : "gelu_pytorch_tanh"},
                 {"tie_word_embeddings", config.tiedEmbeddings},
                 {"rope_theta", config.rope.theta},
                 {"eos_token_id", endTokens(config.endTokens)}};
    if (json scaling = ropeScaling(config.rope); !scaling.is_null())
        root["rope_scaling"] = std::move(scaling);
    if (config.rope.rotaryDim != config.headDim)
        root["partial_rotary_factor"] = double(config.rope.rotaryDim) / double(config.headDim);
    if (family.readsBiasFlags) {
        root["attention_bias"] = config.queryKeyValueBias;
        root["mlp_bias"] = config.feedForwardBias;
    }
    addWindows(root, config, family);
    return root;
}

} // namespace

std::string modelConfigJson(const ModelConfig& config, std::optional<int32_t> beginToken, std::string_view dtype,
                            const std::filesystem::path& source) {
    const ModelConfig wanted = asJsonSaysIt(config, source.string());
    json root = jsonOf(wanted, modelFamily(config.architecture, source.string()));
    root["bos_token_id"] = beginToken ? json(*beginToken) : json(nullptr);
    root["dtype"] = dtype;
    std::string text = root.dump(2) + "\n";
    // Families differ in what their keys can say: biases, windows by layer, parts of a head.
    if (parseModelConfig(text, source) != wanted)
        fail(ErrorCode::NotBuilt, "{}: config.json has no words for this {} model's biases, windows or RoPE",
             source.string(), config.architecture);
    return text;
}

} // namespace lorikeet
