// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "core/base/function_ref.h"
#include "core/formats/tensor_file.h"

namespace lorikeet {

/// What adapter_config.json says of a LoRA adapter; the defaults are PEFT's. Keys that have no field here are written
/// at PEFT's default and refused at any other value.
struct PeftConfig {
    /// How the adapter was initialised: of interest only for a training that goes on.
    enum class Init { Default, Gaussian, None };

    std::string baseModel;              ///< base_model_name_or_path; empty: null
    std::string revision;               ///< of the base model; empty: null
    std::string taskType = "CAUSAL_LM"; ///< or empty: null
    int rank = 8;
    double alpha = 8;
    double dropout = 0;
    /// A list of suffixes of paths, or a regular expression that a whole path must match ("all-linear" is kept as it
    /// is). Which layers match is for the model to say.
    std::variant<std::string, std::vector<std::string>> targetModules;
    bool useRslora = false;
    std::map<std::string, int> rankPattern;
    std::map<std::string, double> alphaPattern;
    std::vector<int> layersToTransform; ///< empty: all
    bool useDora = false;
    std::vector<std::string> modulesToSave; ///< what the paths of modules that are saved whole end in; empty: null
    Init init = Init::Default;
    bool fanInFanOut = false; ///< concerns transposed weights (Conv1D) only: PEFT itself drops it for linear layers
    bool inferenceMode = true;

    bool operator==(const PeftConfig&) const = default;
};

inline constexpr std::string_view kPeftConfigFile = "adapter_config.json";
inline constexpr std::string_view kPeftTensorFile = "adapter_model.safetensors";

/// Reads adapter_config.json of a folder. Every key is honoured or refused by name: NotBuilt for a wish that PEFT
/// knows and we do not, BadFile for a value of the wrong type or range. Throws Io.
PeftConfig readPeftConfig(const std::filesystem::path& folder);

/// The text of adapter_config.json: sorted keys, two spaces, as PEFT writes it.
std::string peftConfigText(const PeftConfig& config);

/// What LoRA, or DoRA, adds to one linear layer.
struct PeftPair {
    std::string path;                        ///< of the layer in the base model: "model.layers.0.self_attn.q_proj"
    const TensorRecord* a;                   ///< lora_A [r, in]
    const TensorRecord* b;                   ///< lora_B [out, r]
    const TensorRecord* magnitude = nullptr; ///< lora_magnitude_vector [out], with DoRA
};

/// An adapter folder, opened and checked: every tensor belongs to a pair or a saved module, and the ranks of each pair
/// agree.
struct PeftAdapter {
    PeftConfig config;
    std::unique_ptr<TensorFile> file;
    std::vector<PeftPair> pairs;            ///< by path
    std::vector<const TensorRecord*> saved; ///< tensors of modules that are saved whole

    /// Every tensor by its name in the base model: "model.norm.weight", "model.layers.0.mlp.up_proj.lora_A.weight".
    std::unordered_map<std::string, const TensorRecord*> byName() const;
};

/// Opens an adapter folder as PEFT writes it. Throws BadFile, NotBuilt (what adapters of embeddings and
/// trained biases leave in the file) or Io, naming the file.
PeftAdapter openPeftAdapter(const std::filesystem::path& folder);

/// Writes both files of an adapter folder, made where it is missing. Names are paths in the base model:
/// "model.layers.0.self_attn.q_proj.lora_A.weight"; PEFT's prefix is added here. Each file appears whole or not at
/// all, the configuration last. The records' `bytes` are not looked at: `bytesOf(i)` gives those of tensors[i], as for
/// writeSafetensors, one at a time. Throws InvalidArgument or Io.
void writePeftAdapter(const std::filesystem::path& folder, const PeftConfig& config, std::vector<TensorRecord> tensors,
                      FunctionRef<std::span<const std::byte>(std::size_t)> bytesOf);

} // namespace lorikeet
