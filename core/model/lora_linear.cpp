// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/lora_linear.h"

namespace lorikeet {

LoraLinear::LoraLinear(const Pass& pass, int layer, LinearRole role)
    : m_pass(pass), m_weight(pass.weight({BaseTensor::Kind::Weight, layer, role})),
      m_bias(pass.vector({BaseTensor::Kind::Bias, layer, role})), m_random{pass.options.seed, RandomPurpose::Dropout,
                                                                           (pass.options.microBatch << 16) +
                                                                               uint32_t(linearIndex(layer, role)),
                                                                           pass.options.step} {
    if (const Parameter* copy = pass.copyOf({BaseTensor::Kind::Weight, layer, role}))
        m_weightGradient = copy->gradient;
    if (const Parameter* copy = pass.copyOf({BaseTensor::Kind::Bias, layer, role}))
        m_biasGradient = copy->gradient;
    if (pass.adapter && pass.adapter->adapts(layer, role))
        m_adapter.emplace(pass.adapter->pair(layer, role));
}

Storage LoraLinear::dropped(const Tensor& x) const {
    Storage result = m_pass.activations(x.shape[1]);
    m_pass.backend.dropout(m_pass.context, x, m_pass.options.dropout, m_random, result);
    return result;
}

void LoraLinear::forward(const Tensor& x, const Tensor& y, LoraSaved* keep) const {
    LoraSaved temporary;
    LoraSaved& saved = keep ? *keep : temporary;
    const bool hasDora = m_adapter && m_adapter->magnitude;
    const bool isAllDora = hasDora && !drops();
    if (!isAllDora)
        m_pass.backend.matmul(m_pass.context, x, m_weight, y);
    if (!isAllDora && m_bias)
        m_pass.backend.addBias(m_pass.context, m_bias, y);
    if (!m_adapter)
        return;
    const Storage separate = drops() ? dropped(x) : Storage();
    const Tensor input = separate ? separate.view() : x;
    hasDora ? addDora(input, y, saved) : addPair(input, y, saved);
    if (isAllDora && m_bias)
        m_pass.backend.addBias(m_pass.context, m_bias, y);
}

/// y += scale * (x A^T) B^T
void LoraLinear::addPair(const Tensor& x, const Tensor& y, LoraSaved& saved) const {
    saved.hidden = m_pass.activations(m_adapter->rank);
    m_pass.backend.matmul(m_pass.context, x, m_adapter->a.value.view(), saved.hidden);
    m_pass.backend.matmul(m_pass.context, saved.hidden, m_adapter->b.value.view(), y, m_adapter->scale, Output::Add);
}

/// Without dropout y = f * product, with it y += f * product - x W^T; x has been dropped out.
void LoraLinear::addDora(const Tensor& x, const Tensor& y, LoraSaved& saved) const {
    Backend& backend = m_pass.backend;
    ExecutionContext& context = m_pass.context;
    saved.product = m_pass.activations(outputs());
    backend.matmul(context, x, m_weight, saved.product);
    if (drops())
        backend.scale(context, saved.product, -1.0f, y, Output::Add);
    addPair(x, saved.product, saved);
    backend.scaleColumns(context, saved.product, m_adapter->factors, y, drops() ? Output::Add : Output::Assign);
}

void LoraLinear::backward(const Tensor& dY, const Tensor& x, const LoraSaved& saved, const Tensor& dX,
                          Output output) const {
    Backend& backend = m_pass.backend;
    ExecutionContext& context = m_pass.context;
    if (m_weightGradient)
        backend.matmulBackwardWeight(context, dY, x, m_weightGradient, 1.0f, Output::Add);
    if (m_biasGradient)
        backend.sumRows(context, dY, m_biasGradient, 1.0f, Output::Add);
    if (m_adapter && m_adapter->magnitude) {
        doraBackward(dY, x, saved, dX, output);
        return;
    }
    if (dX)
        backend.matmulBackwardInput(context, dY, m_weight, dX, 1.0f, output);
    if (!m_adapter)
        return;
    const Storage dHidden = pairBackward(dY, x, saved);
    if (!dX)
        return;
    const Weight a = m_adapter->a.value.view(); // [r, in]
    if (!drops()) {
        backend.matmulBackwardInput(context, dHidden, a, dX, 1.0f, Output::Add);
        return;
    }
    const Storage dDropped = m_pass.activations(x.shape[1]);
    backend.matmulBackwardInput(context, dHidden, a, dDropped);
    backend.dropout(context, dDropped, m_pass.options.dropout, m_random, dX, Output::Add);
}

/// Adds to the gradients of A and B, and gives that of `hidden`; x as it came, before dropout.
Storage LoraLinear::pairBackward(const Tensor& dY, const Tensor& x, const LoraSaved& saved) const {
    Backend& backend = m_pass.backend;
    ExecutionContext& context = m_pass.context;
    backend.matmulBackwardWeight(context, dY, saved.hidden, m_adapter->b.gradient, m_adapter->scale, Output::Add);
    Storage dHidden = m_pass.activations(m_adapter->rank); // [T, r]
    backend.matmulBackwardInput(context, dY, m_adapter->b.value.view(), dHidden, m_adapter->scale);
    if (drops())
        backend.matmulBackwardWeight(context, dHidden, dropped(x), m_adapter->a.gradient, 1.0f, Output::Add);
    else
        backend.matmulBackwardWeight(context, dHidden, x, m_adapter->a.gradient, 1.0f, Output::Add);
    return dHidden;
}

void LoraLinear::doraBackward(const Tensor& dY, const Tensor& x, const LoraSaved& saved, const Tensor& dX,
                              Output output) const {
    Backend& backend = m_pass.backend;
    ExecutionContext& context = m_pass.context;
    const Storage dots = context.allocate(DType::F32, {outputs()}, MemoryTag::Activations);
    backend.columnDots(context, dY, saved.product, dots);
    backend.divide(context, dots, m_adapter->norms, m_adapter->magnitude->gradient, Output::Add);

    const Storage dProduct = m_pass.activations(outputs());
    backend.scaleColumns(context, dY, m_adapter->factors, dProduct);
    const Storage dHidden = pairBackward(dProduct, x, saved);
    if (!dX)
        return;
    const Weight a = m_adapter->a.value.view(); // [r, in]
    if (!drops()) {
        backend.matmulBackwardInput(context, dProduct, m_weight, dX, 1.0f, output);
        backend.matmulBackwardInput(context, dHidden, a, dX, 1.0f, Output::Add);
        return;
    }
    backend.matmulBackwardInput(context, dY, m_weight, dX, 1.0f, output);
    backend.scale(context, dY, -1.0f, dProduct, Output::Add);
    const Storage dDropped = m_pass.activations(x.shape[1]);
    backend.matmulBackwardInput(context, dProduct, m_weight, dDropped);
    backend.matmulBackwardInput(context, dHidden, a, dDropped, 1.0f, Output::Add);
    backend.dropout(context, dDropped, m_pass.options.dropout, m_random, dX, Output::Add);
}

} // namespace lorikeet
