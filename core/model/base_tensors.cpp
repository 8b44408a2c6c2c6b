// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/base_tensors.h"

#include "core/model/model_config.h"
#include "core/model/model_family.h"

namespace lorikeet {

namespace {

using Kind = BaseTensor::Kind;

constexpr int kOuterTensors = 3; // embedding, head, final norm
constexpr int kLayerTensors = 2 + 2 * kLinearRoles;

} // namespace

std::vector<BaseTensor> baseTensors(const ModelConfig& config) {
    std::vector<BaseTensor> tensors = {{Kind::Embedding}};
    for (int layer = 0; layer < config.layers; ++layer) {
        tensors.push_back({Kind::AttentionNorm, layer});
        tensors.push_back({Kind::FeedForwardNorm, layer});
        for (const LinearRole role : kAllLinearRoles) {
            tensors.push_back({Kind::Weight, layer, role});
            if (linearLayout(config, role).bias)
                tensors.push_back({Kind::Bias, layer, role});
        }
    }
    tensors.push_back({Kind::FinalNorm});
    if (!config.tiedEmbeddings)
        tensors.push_back({Kind::Head});
    return tensors;
}

Shape baseTensorShape(const ModelConfig& config, const BaseTensor& tensor) {
    switch (tensor.kind) {
    case Kind::Embedding:
    case Kind::Head:
        return {config.vocabularySize, config.hiddenSize};
    case Kind::Weight: {
        const LinearLayout layout = linearLayout(config, tensor.role);
        return {layout.out, layout.in};
    }
    case Kind::Bias:
        return {linearLayout(config, tensor.role).out};
    case Kind::FinalNorm:
    case Kind::AttentionNorm:
    case Kind::FeedForwardNorm:
        break;
    }
    return {config.hiddenSize};
}

std::string baseTensorName(const BaseTensor& tensor) {
    const TensorNames& names = huggingFaceNames();
    switch (tensor.kind) {
    case Kind::Embedding:
        return names.of(ModelTensor::Embedding);
    case Kind::Head:
        return names.of(ModelTensor::Head);
    case Kind::FinalNorm:
        return names.of(ModelTensor::FinalNorm);
    case Kind::AttentionNorm:
        return names.of(tensor.layer, LayerNorm::Attention);
    case Kind::FeedForwardNorm:
        return names.of(tensor.layer, LayerNorm::FeedForward);
    case Kind::Weight:
        return names.of(tensor.layer, tensor.role, "weight");
    case Kind::Bias:
        break;
    }
    return names.of(tensor.layer, tensor.role, "bias");
}

std::string baseModulePath(const BaseTensor& tensor) {
    const std::string name = baseTensorName(tensor);
    return name.substr(0, name.rfind('.'));
}

int baseTensorIndex(const BaseTensor& tensor) {
    const int first = kOuterTensors + tensor.layer * kLayerTensors;
    switch (tensor.kind) {
    case Kind::Embedding:
        return 0;
    case Kind::Head:
        return 1;
    case Kind::FinalNorm:
        return 2;
    case Kind::AttentionNorm:
        return first;
    case Kind::FeedForwardNorm:
        return first + 1;
    case Kind::Weight:
        return first + 2 + int(tensor.role);
    case Kind::Bias:
        break;
    }
    return first + 2 + kLinearRoles + int(tensor.role);
}

int baseTensorIndexLimit(const ModelConfig& config) {
    return kOuterTensors + config.layers * kLayerTensors;
}

} // namespace lorikeet
