// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <limits>
#include <optional>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/formats/json_file.h"
#include "core/model/config_checks.h"
#include "core/model/model_config.h"
#include "core/model/model_family.h"

namespace lorikeet {

namespace {

using nlohmann::json;

/// One object of config.json, read key by key; null counts as absent.
class JsonFields {
public:
    JsonFields(const json& object, std::string source) : m_object(object), m_source(std::move(source)) {}

    const std::string& source() const { return m_source; }
    bool has(const char* key) const { return find(key) != nullptr; }

    int64_t integer(const char* key, int64_t low, int64_t high, std::optional<int64_t> absent = {}) const {
        const json* value = find(key);
        if (!value)
            return absent ? *absent : missing(key);
        if (!value->is_number_integer() ||
            (value->is_number_unsigned() && value->get<uint64_t>() > uint64_t(std::numeric_limits<int64_t>::max())))
            wrong(key, *value, "an integer");
        return checkedRange(m_source, key, value->get<int64_t>(), low, high);
    }

    int size(const char* key, int high, std::optional<int64_t> absent = {}) const {
        return int(integer(key, 1, high, absent));
    }

    double number(const char* key, double low, double high, std::optional<double> absent = {}) const {
        const json* value = find(key);
        if (!value)
            return absent ? *absent : double(missing(key));
        if (!value->is_number())
            wrong(key, *value, "a number");
        return checkedRange(m_source, key, value->get<double>(), low, high);
    }

    bool boolean(const char* key, bool absent) const {
        const json* value = find(key);
        if (value && !value->is_boolean())
            wrong(key, *value, "true or false");
        return value ? value->get<bool>() : absent;
    }

    std::string text(const char* key, std::string absent) const {
        const json* value = find(key);
        if (value && !value->is_string())
            wrong(key, *value, "a string");
        return value ? value->get<std::string>() : std::move(absent);
    }

    const json* find(const char* key) const {
        const auto found = m_object.find(key);
        return found == m_object.end() || found->is_null() ? nullptr : &*found;
    }

    [[noreturn]] void wrong(const char* key, const json& value, std::string_view expected) const {
        std::string shown = value.dump(-1, ' ', false, json::error_handler_t::replace);
        if (shown.size() > 60)
            shown = shown.substr(0, 60) + "...";
        fail(ErrorCode::BadFile, "{}: {} is {}, expected {}", m_source, key, shown, expected);
    }

private:
    [[noreturn]] int64_t missing(const char* key) const {
        fail(ErrorCode::BadFile, "{}: {} is missing", m_source, key);
    }

    const json& m_object;
    std::string m_source;
};

constexpr double kAnyFactor = 1e6;

void readYarn(const JsonFields& fields, int64_t maxPositions, RopeConfig& rope) {
    rope.originalPositions = fields.integer("original_max_position_embeddings", 1, kMaxPositions, maxPositions);
    rope.factor = fields.number("factor", 1.0, kAnyFactor, double(maxPositions) / double(rope.originalPositions));
    // transformers takes 0 as absent, too.
    const double fast = fields.number("beta_fast", 0.0, kAnyFactor, 0.0);
    const double slow = fields.number("beta_slow", 0.0, kAnyFactor, 0.0);
    rope.betaFast = fast > 0.0 ? fast : 32.0;
    rope.betaSlow = slow > 0.0 ? slow : 1.0;
    rope.truncate = fields.boolean("truncate", true);
    const double mscale = fields.number("mscale", 0.0, kAnyFactor, 0.0);
    const double mscaleAllDim = fields.number("mscale_all_dim", 0.0, kAnyFactor, 0.0);
    const double suggested = mscale > 0.0 && mscaleAllDim > 0.0 ? yarnAttentionFactor(rope.factor, mscale) /
                                                                      yarnAttentionFactor(rope.factor, mscaleAllDim)
                                                                : yarnAttentionFactor(rope.factor);
    rope.attentionFactor = fields.number("attention_factor", 1e-6, kAnyFactor, suggested);
}

RopeConfig readRope(const JsonFields& top, const ModelConfig& config) {
    const json none = json::object();
    const json* object = &none;
    for (const char* key : {"rope_parameters", "rope_scaling"})
        if (const json* value = top.find(key)) {
            if (!value->is_object())
                top.wrong(key, *value, "an object");
            object = value;
            break;
        }
    for (const auto& [key, value] : object->items())
        if (value.is_object())
            fail(ErrorCode::NotBuilt, "{}: RoPE parameters that differ by layer (\"{}\") are not built", top.source(),
                 key);
    const JsonFields fields(*object, top.source());

    RopeConfig rope;
    rope.type = ropeTypeNamed(fields.text("rope_type", fields.text("type", "default")), top.source());
    rope.theta = fields.number("rope_theta", 1.0 + 1e-6, 1e15, top.number("rope_theta", 1.0 + 1e-6, 1e15, 10000.0));
    const double rotated =
        fields.number("partial_rotary_factor", 0.0, 1.0, top.number("partial_rotary_factor", 0.0, 1.0, 1.0));
    rope.rotaryDim = int(config.headDim * rotated);
    rope.originalPositions = config.maxPositions;
    switch (rope.type) {
    case RopeType::Default:
        break;
    case RopeType::Linear:
    case RopeType::Dynamic:
        rope.factor = fields.number("factor", 1.0, kAnyFactor);
        break;
    case RopeType::Yarn:
        readYarn(fields, config.maxPositions, rope);
        break;
    case RopeType::Llama3:
        rope.factor = fields.number("factor", 1.0, kAnyFactor);
        rope.lowFrequencyFactor = fields.number("low_freq_factor", 1e-6, kAnyFactor);
        rope.highFrequencyFactor = fields.number("high_freq_factor", 1e-6, kAnyFactor);
        rope.originalPositions =
            fields.integer("original_max_position_embeddings", 1, kMaxPositions, config.maxPositions);
        break;
    }
    return rope;
}

/// The window of the family's sliding layers; 0 where there is none.
int slidingWindow(const JsonFields& top, const ModelFamily& family) {
    if (family.windows == WindowRule::UpperLayers && !top.boolean("use_sliding_window", false))
        return 0;
    const auto& object = top.find("sliding_window");
    // A null is "no window"; a missing key is the family's default.
    return object ? top.size("sliding_window", std::numeric_limits<int>::max()) : 0;
}

std::vector<int> readWindows(const json& root, const JsonFields& top, const ModelFamily& family, int layers) {
    std::vector<int> windows(std::size_t(layers), 0);
    if (family.windows == WindowRule::None)
        return windows;
    int window = slidingWindow(top, family);
    if (!root.contains("sliding_window") &&
        (family.windows == WindowRule::AllLayers || top.boolean("use_sliding_window", false)))
        window = family.defaultWindow;
    if (window == 0)
        return windows;
    const json* types = top.find("layer_types");
    if (family.windows == WindowRule::AllLayers || !types) {
        const int first =
            family.windows == WindowRule::AllLayers ? 0 : int(top.integer("max_window_layers", 0, kMaxLayers, 28));
        for (int layer = first; layer < layers; ++layer)
            windows[std::size_t(layer)] = window;
        return windows;
    }
    if (!types->is_array() || types->size() != std::size_t(layers))
        top.wrong("layer_types", *types, fmt::format("a list of {} strings", layers));
    for (std::size_t layer = 0; layer < windows.size(); ++layer) {
        if ((*types)[layer] == "sliding_attention")
            windows[layer] = window;
        else if ((*types)[layer] != "full_attention")
            top.wrong("layer_types", (*types)[layer], "\"full_attention\" or \"sliding_attention\"");
    }
    return windows;
}

std::vector<int32_t> readEndTokens(const JsonFields& top, int vocabularySize) {
    const json* value = top.find("eos_token_id");
    if (!value)
        return {};
    std::vector<int32_t> tokens;
    for (const json& token : value->is_array() ? *value : json::array({*value})) {
        const json one = {{"eos_token_id", token}};
        tokens.push_back(int32_t(JsonFields(one, top.source()).integer("eos_token_id", 0, vocabularySize - 1)));
    }
    return tokens;
}

Activation readActivation(const JsonFields& top) {
    const std::string name = top.text("hidden_act", top.text("hidden_activation", "silu"));
    if (name == "silu" || name == "swish")
        return Activation::Silu;
    if (name == "gelu_pytorch_tanh")
        return Activation::GeluTanh;
    fail(ErrorCode::NotBuilt, "{}: hidden_act \"{}\" is not built; known ones are silu, gelu_pytorch_tanh",
         top.source(), name);
}

/// Checkpoints that are quantized already: bitsandbytes' 4 bits are read, tensor by tensor, as what they are.
void checkQuantization(const JsonFields& top) {
    const json* object = top.find("quantization_config");
    if (!object)
        return;
    if (!object->is_object())
        top.wrong("quantization_config", *object, "an object");
    const JsonFields fields(*object, top.source());
    const std::string method = fields.text("quant_method", "bitsandbytes");
    if (method != "bitsandbytes" || fields.boolean("load_in_8bit", false))
        fail(ErrorCode::NotBuilt, "{}: weights quantized by {} are not built; bitsandbytes in 4 bits is", top.source(),
             method == "bitsandbytes" ? "bitsandbytes in 8 bits" : method);
}

ModelConfig readFields(const json& root, const JsonFields& top) {
    ModelConfig config;
    config.architecture = top.text("model_type", "");
    const ModelFamily& family = modelFamily(config.architecture, top.source());
    checkQuantization(top);
    config.vocabularySize = top.size("vocab_size", kMaxVocabulary);
    config.hiddenSize = top.size("hidden_size", kMaxWidth);
    config.intermediateSize = top.size("intermediate_size", kMaxWidth);
    config.layers = top.size("num_hidden_layers", kMaxLayers);
    config.heads = top.size("num_attention_heads", kMaxHeads);
    config.kvHeads = top.size("num_key_value_heads", kMaxHeads, config.heads);
    if (!top.has("head_dim") && config.hiddenSize % config.heads != 0)
        fail(ErrorCode::BadFile, "{}: hidden_size {} is not a multiple of num_attention_heads {}", top.source(),
             config.hiddenSize, config.heads);
    config.headDim = top.size("head_dim", kMaxHeadDim, config.hiddenSize / config.heads);
    config.maxPositions = top.integer("max_position_embeddings", 1, kMaxPositions, 2048);
    config.normEpsilon = float(top.number("rms_norm_eps", 1e-30, 1.0, 1e-6));
    config.activation = readActivation(top);
    const bool attentionBias = family.readsBiasFlags && top.boolean("attention_bias", false);
    config.queryKeyValueBias = attentionBias || family.alwaysQueryKeyValueBias;
    config.attentionOutputBias = attentionBias;
    config.feedForwardBias = family.readsBiasFlags && top.boolean("mlp_bias", false);
    config.tiedEmbeddings = top.boolean("tie_word_embeddings", false);
    config.windows = readWindows(root, top, family, config.layers);
    config.rope = readRope(top, config);
    config.endTokens = readEndTokens(top, config.vocabularySize);
    return config;
}

} // namespace

ModelConfig parseModelConfig(std::string_view text, const std::filesystem::path& source) {
    const std::string name = source.string();
    const json root = parseJsonFile(source, text);
    if (!root.is_object())
        fail(ErrorCode::BadFile, "{}: not a JSON object", name);
    ModelConfig config = readFields(root, JsonFields(root, name));
    checkModelConfig(config, name);
    return config;
}

} // namespace lorikeet
