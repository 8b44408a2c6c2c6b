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
#include "core/model/base_tensors.h"
#include "core/model/linear_layout.h"

namespace lorikeet {

class BaseModel;
struct ModelConfig;
struct LoadOptions;
struct ModelFiles;

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
    bool useDora = false;                      ///< a trained length for each output (Liu et al. 2024)
    /// Modules that are trained as a whole, as copies: what a path ends in ("lm_head", "norm"). They get no adapter.
    std::vector<std::string> modulesToSave;

    bool operator==(const LoraSpec&) const = default;
};

/// One tensor that an optimizer may step.
struct Parameter {
    std::string name; ///< "model.layers.0.self_attn.q_proj.lora_A.weight"
    Storage value;    ///< F32
    Storage gradient; ///< F32, of value's shape; absent in a frozen adapter
};

/// A linear layer that is adapted, with its rank and scale.
struct LoraTarget {
    int layer;
    LinearRole role;
    int rank;
    float scale;
};

/// The adapter of one linear layer (see LoraLinear).
struct LoraPair {
    const Parameter& a; ///< [r, in]
    const Parameter& b; ///< [out, r]
    int rank;
    float scale;
    const Parameter* magnitude; ///< [out], of DoRA; else null
    Tensor norms;               ///< F32 [out], with a magnitude: the lengths of the rows of W + scale * B A
    Tensor factors;             ///< F32 [out], with a magnitude: magnitude / norms
};

/// All that trains of a decoder: LoRA on some of its linear layers (Hu et al. 2021), with DoRA their magnitudes, and
/// copies of whole tensors, which are used in place of the base's own. The base is not part of it: several adapters can
/// be used over one. In a full finetuning it has no LoRA and copies every tensor (isWhole()): it is then the model
/// itself. Belongs to the backend of the context that made it; one thread at a time.
class LoraAdapter {
public:
    /// A uniform in +-1/sqrt(in) from RandomStream AdapterInit of `seed`, B zeros, magnitudes the lengths of the base's
    /// rows, copies as they are in the base. With `trainable` also gradients, zeroed. Throws BadConfig where the spec
    /// fits no layer of the model or a number is out of range.
    LoraAdapter(ExecutionContext&, const BaseModel&, LoraSpec spec, uint64_t seed, bool trainable);
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

    /// The weights of a full finetuning: every tensor of the files in float32, decoded one after another; a tied head
    /// is none. To be used over BaseModel::withoutWeights(). Of the options threads, progress and stop count. Throws as
    /// modelTensors(), Cancelled.
    static LoraAdapter whole(ExecutionContext&, const ModelFiles&, const LoadOptions& options, bool trainable);
    /// The same without contents.
    static LoraAdapter wholeOutline(ExecutionContext& context, const ModelConfig& config, bool trainable) {
        return LoraAdapter(context, config, trainable);
    }
    /// Writes the tensors of a full finetuning as Hugging Face stores a model's: model.safetensors, in shards where
    /// that is large. Only where isWhole().
    void saveWhole(ExecutionContext&, const std::filesystem::path& folder) const;
    /// Takes over the values that saveWhole() has written. Throws BadFile where they are of another model.
    void restoreWhole(ExecutionContext&, const std::filesystem::path& folder);

    /// Whether it holds all of a model and needs no weights of a base.
    bool isWhole() const { return m_isWhole; }
    const LoraSpec& spec() const { return m_spec; }
    bool trainable() const { return m_trainable; }
    /// A, B and, with DoRA, the magnitude of each adapted linear layer, from the model's bottom to its top; then the
    /// copies in the same order.
    std::vector<Parameter>& parameters() { return m_parameters; }
    const std::vector<Parameter>& parameters() const { return m_parameters; }
    /// Elements of all parameters.
    int64_t parameterCount() const;
    /// Sets every gradient to zero.
    void zeroGradients(ExecutionContext&);

    bool adapts(int layer, LinearRole role) const;
    /// Only where adapts().
    LoraPair pair(int layer, LinearRole role) const;
    /// The copy that is used in place of the base's tensor; null where there is none.
    const Parameter* copyOf(const BaseTensor& tensor) const;
    /// The lowest layer in which something trains: no gradient is needed below it. 0 where the embedding trains.
    int lowestLayer() const { return m_lowestLayer; }

    /// Computes what passes over `base` need of the values as they are: the norms and factors of DoRA. Does nothing
    /// where that has been done since the last expectChanges(). Passes call it themselves.
    void prepare(ExecutionContext&, const BaseModel& base) const;
    /// Values are about to change; a pass for gradients ends with this.
    void expectChanges() { m_isPrepared = false; }

private:
    struct Slot {
        int parameter = -1; ///< index of A in m_parameters, B and the magnitude follow; -1 where not adapted
        float scale = 0.0f;
        Storage norms; ///< of DoRA
        Storage factors;
    };
    LoraAdapter(ExecutionContext&, const ModelConfig&, LoraSpec spec, bool trainable);
    LoraAdapter(ExecutionContext&, const ModelConfig&, bool trainable); // whole
    void addParameter(ExecutionContext&, std::string name, const Shape& shape);
    void addPair(ExecutionContext&, const ModelConfig&, const LoraTarget& target);
    void addCopies(ExecutionContext&, const ModelConfig&, const std::vector<BaseTensor>& tensors);
    void begin(ExecutionContext&, const BaseModel&, const LoraTarget& target, uint64_t seed);
    const Slot& slot(int layer, LinearRole role) const { return m_slots[std::size_t(linearIndex(layer, role))]; }

    LoraSpec m_spec;
    bool m_trainable;
    bool m_isWhole = false;
    std::vector<Parameter> m_parameters;
    std::vector<Slot> m_slots;        ///< by linearIndex
    std::vector<BaseTensor> m_copied; ///< tensors that are copied, in the order of their parameters
    std::vector<int> m_copies;        ///< by baseTensorIndex: index in m_parameters, -1 where not copied
    std::vector<LoraTarget> m_targets;
    int m_lowestLayer = 0;
    mutable bool m_isPrepared = false;
};

/// The linear layers that `spec` adapts; checks the spec.
std::vector<LoraTarget> loraTargets(const ModelConfig&, const LoraSpec&);
/// The tensors of the modules that `spec` trains as a whole. A name that fits none is logged; that of
/// a group of modules ("mlp") is refused as NotBuilt.
std::vector<BaseTensor> savedTensors(const ModelConfig&, const LoraSpec&);

} // namespace lorikeet
