// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/model_family.h"

#include <array>

#include "core/base/error.h"
#include "core/model/model_config.h"

namespace lorikeet {

namespace {

// Defaults of transformers' configuration classes where a key is absent.
constexpr std::array kFamilies = {
    ModelFamily{.name = "llama", .causalClass = "LlamaForCausalLM", .readsBiasFlags = true, .ggufPermuted = true},
    ModelFamily{.name = "mistral",
                .causalClass = "MistralForCausalLM",
                .windows = WindowRule::AllLayers,
                .defaultWindow = 4096,
                .ggufPermuted = true},
    ModelFamily{.name = "qwen2",
                .causalClass = "Qwen2ForCausalLM",
                .alwaysQueryKeyValueBias = true,
                .windows = WindowRule::UpperLayers,
                .defaultWindow = 4096},
};

constexpr std::array<std::string_view, kLinearRoles> kHuggingFaceLinear = {
    "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj",
    "mlp.gate_proj",    "mlp.up_proj",      "mlp.down_proj"};

constexpr std::array<std::string_view, kLinearRoles> kGgufLinear = {"attn_q",   "attn_k", "attn_v",  "attn_output",
                                                                    "ffn_gate", "ffn_up", "ffn_down"};

class HuggingFaceNames : public TensorNames {
public:
    std::string of(ModelTensor tensor) const override {
        switch (tensor) {
        case ModelTensor::Embedding:
            return "model.embed_tokens.weight";
        case ModelTensor::FinalNorm:
            return "model.norm.weight";
        case ModelTensor::Head:
            return "lm_head.weight";
        }
        return {};
    }
    std::string of(int layer, LayerNorm norm) const override {
        return fmt::format("model.layers.{}.{}.weight", layer,
                           norm == LayerNorm::Attention ? "input_layernorm" : "post_attention_layernorm");
    }
    std::string of(int layer, LinearRole role, std::string_view part) const override {
        return fmt::format("{}.{}", linearPath(layer, role), part);
    }
    bool mayBeIgnored(std::string_view name) const override {
        // Old checkpoints carry the RoPE frequencies, which config.json determines.
        return name.ends_with(".rotary_emb.inv_freq");
    }
};

class GgufNames : public TensorNames {
public:
    std::string of(ModelTensor tensor) const override {
        switch (tensor) {
        case ModelTensor::Embedding:
            return "token_embd.weight";
        case ModelTensor::FinalNorm:
            return "output_norm.weight";
        case ModelTensor::Head:
            return "output.weight";
        }
        return {};
    }
    std::string of(int layer, LayerNorm norm) const override {
        return fmt::format("blk.{}.{}.weight", layer, norm == LayerNorm::Attention ? "attn_norm" : "ffn_norm");
    }
    std::string of(int layer, LinearRole role, std::string_view part) const override {
        return fmt::format("blk.{}.{}.{}", layer, kGgufLinear[std::size_t(role)], part);
    }
    bool mayBeIgnored(std::string_view name) const override {
        // modelConfigOf reads it.
        return name == "rope_freqs.weight";
    }
};

} // namespace

std::span<const ModelFamily> modelFamilies() {
    return kFamilies;
}

const ModelFamily& modelFamily(std::string_view name, std::string_view source) {
    for (const ModelFamily& family : kFamilies)
        if (family.name == name)
            return family;
    fail(ErrorCode::NotBuilt, "{}: the architecture \"{}\" is not built; known ones are {}", source, name,
         knownArchitectures());
}

std::string knownArchitectures() {
    std::string names;
    for (const ModelFamily& family : kFamilies)
        names += (names.empty() ? "" : ", ") + std::string(family.name);
    return names;
}

std::string linearPath(int layer, LinearRole role) {
    return fmt::format("model.layers.{}.{}", layer, kHuggingFaceLinear[std::size_t(role)]);
}

LinearLayout linearLayout(const ModelConfig& config, LinearRole role) {
    const int queries = config.heads * config.headDim;
    const int keys = config.kvHeads * config.headDim;
    switch (role) {
    case LinearRole::Query:
        return {config.hiddenSize, queries, config.queryKeyValueBias};
    case LinearRole::Key:
    case LinearRole::Value:
        return {config.hiddenSize, keys, config.queryKeyValueBias};
    case LinearRole::AttentionOutput:
        return {queries, config.hiddenSize, config.attentionOutputBias};
    case LinearRole::Gate:
    case LinearRole::Up:
        return {config.hiddenSize, config.intermediateSize, config.feedForwardBias};
    case LinearRole::Down:
        return {config.intermediateSize, config.hiddenSize, config.feedForwardBias};
    }
    return {};
}

const TensorNames& huggingFaceNames() {
    static const HuggingFaceNames names;
    return names;
}

const TensorNames& ggufNames() {
    static const GgufNames names;
    return names;
}

} // namespace lorikeet
