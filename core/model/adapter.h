// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/backend/backend.h"
#include "core/model/linear_layout.h"

namespace lorikeet {

struct ModelConfig;

/// What adapters to make: a run file's "lora" object, or an adapter_config.json of PEFT.
struct LoraSpec {
    int rank = 16;
    float alpha = 16.0f;
    float dropout = 0.0f;
    /// "all-linear" (every linear layer but the output head), another string: a regular expression that the whole
    /// path must match, or a list: paths, or what follows a dot in them at their end.
    std::variant<std::string, std::vector<std::string>> targetModules = "all-linear";
    bool useRslora = false;                    ///< alpha / sqrt(rank) instead of alpha / rank
    std::map<std::string, int> rankPattern;    ///< by path, or by regular expression at the end of one
    std::map<std::string, float> alphaPattern; ///< the same
    std::vector<int> layers;                   ///< only in these; empty: in all

    bool operator==(const LoraSpec&) const = default;
};

/// One tensor that an optimizer may step.
struct Parameter {
    std::string name; ///< "model.layers.0.self_attn.q_proj.lora_A.weight"
    Storage value;    ///< F32
    Storage gradient; ///< F32, of value's shape; absent in a frozen adapter
};

/// The adapter of one linear layer: y += scale * B(A(dropout(x))).
struct LoraPair {
    const Parameter& a; ///< [r, in]
    const Parameter& b; ///< [out, r]
    int rank;
    float scale;
};

/// LoRA on some of the linear layers of a decoder (Hu et al. 2021). The base is not part of it: several adapters can
/// be used over one. Belongs to the backend of the context that made it; one thread at a time while it trains.
class LoraAdapter {
public:
    /// A uniform in +-1/sqrt(in) from RandomStream AdapterInit of `seed`, B zeros. With `trainable` also gradients,
    /// zeroed. Throws BadConfig where the spec fits no layer of the model or a number is out of range.
    LoraAdapter(ExecutionContext&, const ModelConfig&, LoraSpec spec, uint64_t seed, bool trainable);
    LoraAdapter(LoraAdapter&&) noexcept;
    ~LoraAdapter();

    /// The same without contents: for a backend that only keeps accounts of memory.
    static LoraAdapter outline(ExecutionContext& context, const ModelConfig& config, LoraSpec spec, bool trainable) {
        return LoraAdapter(context, config, std::move(spec), trainable);
    }

    /// Reads an adapter folder as PEFT writes it. Throws BadFile or NotBuilt naming the file and what is wrong.
    static LoraAdapter load(ExecutionContext&, const ModelConfig&, const std::filesystem::path& folder, bool trainable);
    /// Writes an adapter folder that PEFT reads; `baseModelName` becomes its base_model_name_or_path.
    void save(ExecutionContext&, const std::filesystem::path& folder, const std::string& baseModelName) const;

    const LoraSpec& spec() const { return m_spec; }
    bool trainable() const { return m_trainable; }
    /// A then B of each adapted linear layer, from the model's bottom to its top.
    std::vector<Parameter>& parameters() { return m_parameters; }
    const std::vector<Parameter>& parameters() const { return m_parameters; }
    /// Elements of all parameters.
    int64_t parameterCount() const;
    /// Sets every gradient to zero.
    void zeroGradients(ExecutionContext&);

    bool adapts(int layer, LinearRole role) const;
    /// Only where adapts().
    LoraPair pair(int layer, LinearRole role) const;
    /// The lowest layer with an adapter: no gradient is needed below it.
    int lowestLayer() const { return m_lowestLayer; }

private:
    struct Slot {
        int parameter = -1; ///< index of A in m_parameters, B follows; -1 where not adapted
        float scale = 0.0f;
    };
    LoraAdapter(ExecutionContext&, const ModelConfig&, LoraSpec spec, bool trainable);

    LoraSpec m_spec;
    bool m_trainable;
    std::vector<Parameter> m_parameters;
    std::vector<Slot> m_slots; ///< by linearIndex
    int m_lowestLayer = 0;
};

/// The linear layers that `spec` adapts, with their rank and scale; checks the spec.
struct LoraTarget {
    int layer;
    LinearRole role;
    int rank;
    float scale;
};
std::vector<LoraTarget> loraTargets(const ModelConfig&, const LoraSpec&);

} // namespace lorikeet
