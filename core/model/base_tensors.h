// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/model/linear_layout.h"
#include "core/tensor/shape.h"

namespace lorikeet {

/// One tensor of a decoder's own weights.
struct BaseTensor {
    enum class Kind : uint8_t { Embedding, Head, FinalNorm, AttentionNorm, FeedForwardNorm, Weight, Bias };

    Kind kind = Kind::Embedding;
    int layer = 0;                       ///< of the norms and linear layers of a decoder layer
    LinearRole role = LinearRole::Query; ///< of Weight and Bias
};

/// Every tensor that a model of this configuration has, from its bottom to its top; a tied head is none.
std::vector<BaseTensor> baseTensors(const ModelConfig& config);
Shape baseTensorShape(const ModelConfig& config, const BaseTensor& tensor);
/// The Hugging Face name: "model.layers.3.self_attn.q_proj.bias".
std::string baseTensorName(const BaseTensor& tensor);
/// The path of the module that holds it: "model.layers.3.self_attn.q_proj".
std::string baseModulePath(const BaseTensor& tensor);
/// One number for each tensor of a model, below baseTensorIndexLimit().
int baseTensorIndex(const BaseTensor& tensor);
int baseTensorIndexLimit(const ModelConfig& config);

} // namespace lorikeet
