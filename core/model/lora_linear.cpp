// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/lora_linear.h"

namespace lorikeet {

LoraLinear::LoraLinear(const Pass& pass, int layer, LinearRole role)
    : m_pass(pass), m_weight(pass.base.layer(layer)[role]), m_random{pass.options.seed, RandomPurpose::Dropout,
                                                                     (pass.options.microBatch << 16) +
                                                                         uint32_t(linearIndex(layer, role)),
                                                                     pass.options.step} {
    if (pass.adapter && pass.adapter->adapts(layer, role))
        m_adapter.emplace(pass.adapter->pair(layer, role));
}

Storage LoraLinear::dropped(const Tensor& x) const {
    Storage result = m_pass.activations(x.shape[1]);
    m_pass.backend.dropout(m_pass.context, x, m_pass.options.dropout, m_random, result);
    return result;
}

void LoraLinear::forward(const Tensor& x, const Tensor& y, Storage& hidden) const {
    Backend& backend = m_pass.backend;
    ExecutionContext& context = m_pass.context;
    backend.matmul(context, x, m_weight.weight(), y);
    if (m_weight.bias)
        backend.addBias(context, m_weight.bias, y);
    if (!m_adapter)
        return;
    hidden = m_pass.activations(m_adapter->rank);
    if (drops())
        backend.matmul(context, dropped(x), m_adapter->a.value.view(), hidden);
    else
        backend.matmul(context, x, m_adapter->a.value.view(), hidden);
    backend.matmul(context, hidden, m_adapter->b.value.view(), y, m_adapter->scale, Output::Add);
}

void LoraLinear::backward(const Tensor& dY, const Tensor& x, const Tensor& hidden, const Tensor& dX,
                          Output output) const {
    Backend& backend = m_pass.backend;
    ExecutionContext& context = m_pass.context;
    if (dX)
        backend.matmulBackwardInput(context, dY, m_weight.weight(), dX, 1.0f, output);
    if (!m_adapter)
        return;
    const Weight a = m_adapter->a.value.view(); // [r, in]
    const Weight b = m_adapter->b.value.view(); // [out, r]
    backend.matmulBackwardWeight(context, dY, hidden, m_adapter->b.gradient, m_adapter->scale, Output::Add);
    const Storage dHidden = m_pass.activations(m_adapter->rank); // [T, r]
    backend.matmulBackwardInput(context, dY, b, dHidden, m_adapter->scale);
    if (!drops()) {
        backend.matmulBackwardWeight(context, dHidden, x, m_adapter->a.gradient, 1.0f, Output::Add);
        if (dX)
            backend.matmulBackwardInput(context, dHidden, a, dX, 1.0f, Output::Add);
        return;
    }
    backend.matmulBackwardWeight(context, dHidden, dropped(x), m_adapter->a.gradient, 1.0f, Output::Add);
    if (!dX)
        return;
    const Storage dDropped = m_pass.activations(x.shape[1]);
    backend.matmulBackwardInput(context, dHidden, a, dDropped);
    backend.dropout(context, dDropped, m_pass.options.dropout, m_random, dX, Output::Add);
}

} // namespace lorikeet
