// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/model/linear_layout.h"

namespace lorikeet {

/// Which attention layers look at a window only.
enum class WindowRule : uint8_t {
    None,        ///< none does, whatever the file says
    AllLayers,   ///< sliding_window, in every layer
    UpperLayers, ///< sliding_window where use_sliding_window, in layers from max_window_layers on
};

/// What tells one model family from another, for those that share the Llama decoder. A family more is a row more in
/// model_family.cpp.
struct ModelFamily {
    std::string_view name;                ///< model_type in config.json
    std::string_view causalClass;         ///< "architectures" in config.json: transformers' class with a language head
    bool alwaysQueryKeyValueBias = false; ///< whatever attention_bias says
    bool readsBiasFlags = false;          ///< attention_bias and mlp_bias mean something
    WindowRule windows = WindowRule::None;
    int defaultWindow = 0;     ///< where sliding_window is not in the file
    bool ggufPermuted = false; ///< GGUF stores the rows of q and k in the order of rotated pairs
};

/// Throws NotBuilt with the list of known families; `source` is named.
const ModelFamily& modelFamily(std::string_view name, std::string_view source);
std::span<const ModelFamily> modelFamilies();

/// A tensor outside of the decoder layers.
enum class ModelTensor : uint8_t { Embedding, FinalNorm, Head };
/// A norm of a decoder layer.
enum class LayerNorm : uint8_t { Attention, FeedForward };

/// The names that one kind of file gives to tensors.
class TensorNames {
public:
    virtual ~TensorNames() = default;
    virtual std::string of(ModelTensor tensor) const = 0;
    virtual std::string of(int layer, LayerNorm norm) const = 0;
    /// "weight" or "bias" of a linear layer.
    virtual std::string of(int layer, LinearRole role, std::string_view part) const = 0;
    /// Whether a tensor may stand in a file though nobody reads it.
    virtual bool mayBeIgnored(std::string_view name) const = 0;
};

const TensorNames& huggingFaceNames();
const TensorNames& ggufNames();

} // namespace lorikeet
