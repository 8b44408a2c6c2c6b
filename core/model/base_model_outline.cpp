// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/base_model.h"
#include "core/model/weight_decoder.h"

namespace lorikeet {

std::shared_ptr<const BaseModel> BaseModel::outlineWithoutWeights(const ModelConfig& config, DType computeType) {
    const std::shared_ptr<BaseModel> model(new BaseModel(config));
    model->m_computeType = computeType;
    model->m_rope.leaveEmpty();
    return model;
}

std::shared_ptr<const BaseModel> BaseModel::outline(ExecutionContext& context, const ModelConfig& config,
                                                    const LoadOptions& options, StoredType tables) {
    const std::shared_ptr<BaseModel> model(new BaseModel(config));
    model->m_computeType = options.computeType;
    model->m_quantization = options.quantization;
    model->m_blocksizes = options.blocksizes;
    model->m_rope.leaveEmpty();
    const auto floats = [&](int64_t count) { return context.allocate(DType::F32, {count}, MemoryTag::Weights); };
    const auto table = [&](LinearWeight& weight) {
        const Shape shape = {config.vocabularySize, config.hiddenSize};
        const DType type = options.computeType == DType::BF16 ? DType::BF16 : denseTypeOf(tables);
        if (tables == StoredType::Q8_0)
            weight.quantized = allocateQuantized(context, shape, {QuantType::Q8_0, kSmallestBlocksize, false});
        else
            weight.dense = context.allocate(type, shape, MemoryTag::Weights);
    };
    table(model->m_embedding);
    if (!config.tiedEmbeddings)
        table(model->m_head.emplace());
    model->m_finalNorm = floats(config.hiddenSize);
    for (int index = 0; index < config.layers; ++index) {
        DecoderWeights& layer = model->m_layers[std::size_t(index)];
        layer.attentionNorm = floats(config.hiddenSize);
        layer.feedForwardNorm = floats(config.hiddenSize);
        for (const LinearRole role : kAllLinearRoles) {
            const LinearLayout layout = linearLayout(config, role);
            const Shape shape = {layout.out, layout.in};
            LinearWeight& weight = layer.linear[std::size_t(role)];
            if (options.quantization)
                weight.quantized = allocateQuantized(
                    context, shape, linearSpec(*options.quantization, options.blocksizes, index, role));
            else
                weight.dense = context.allocate(options.computeType, shape, MemoryTag::Weights);
            if (layout.bias)
                weight.bias = floats(layout.out);
        }
    }
    return model;
}

} // namespace lorikeet
