// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/feed_forward_layer.h"

namespace lorikeet {

FeedForwardLayer::FeedForwardLayer(const Pass& pass, int layer)
    : m_pass(pass), m_norm(pass, {BaseTensor::Kind::FeedForwardNorm, layer}), m_gate(pass, layer, LinearRole::Gate),
      m_up(pass, layer, LinearRole::Up), m_down(pass, layer, LinearRole::Down) {}

void FeedForwardLayer::forward(const Tensor& x, const Tensor& y, FeedForwardSaved* keep) const {
    Backend& backend = m_pass.backend;
    ExecutionContext& context = m_pass.context;
    FeedForwardSaved temporary;
    FeedForwardSaved& saved = keep ? *keep : temporary;
    saved.gate = m_pass.activations(m_gate.outputs());
    saved.up = m_pass.activations(m_up.outputs());
    {
        const Storage normed = m_pass.activations(x.shape[1]);
        const Storage rstd = m_pass.rowStatistics();
        m_norm.forward(x, normed, rstd);
        m_gate.forward(normed, saved.gate, keep ? &keep->gateLora : nullptr);
        m_up.forward(normed, saved.up, keep ? &keep->upLora : nullptr);
    }
    const Storage separate = keep ? m_pass.activations(m_gate.outputs()) : Storage();
    const Tensor product = keep ? separate.view() : saved.gate.view();
    backend.gated(context, m_pass.config().activation, saved.gate, saved.up, product);
    m_down.forward(product, y, keep ? &keep->downLora : nullptr);
    backend.add(context, x, y, y);
}

void FeedForwardLayer::backward(const Tensor& x, FeedForwardSaved& saved, bool needsInput,
                                const Tensor& dStream) const {
    Backend& backend = m_pass.backend;
    ExecutionContext& context = m_pass.context;
    const Activation activation = m_pass.config().activation;
    const bool needsProduct = needsInput || trainsInputs();
    Storage product; // [T, F], computed again
    if (m_down.trains()) {
        product = m_pass.activations(m_gate.outputs());
        backend.gated(context, activation, saved.gate, saved.up, product);
    }
    Storage dProduct = needsProduct ? m_pass.activations(m_gate.outputs()) : Storage();
    m_down.backward(dStream, product, saved.downLora, dProduct, Output::Assign);
    product.reset();
    if (!needsProduct)
        return;
    const Tensor dGate = saved.gate; // in place
    const Tensor dUp = saved.up;
    backend.gatedBackward(context, activation, dProduct, saved.gate, saved.up, dGate, dUp);
    dProduct.reset();

    const Storage normed = m_pass.activations(x.shape[1]);
    const Storage rstd = m_pass.rowStatistics();
    m_norm.forward(x, normed, rstd);
    const bool needsNormed = needsInput || m_norm.trains();
    const Storage dNormed = needsNormed ? m_pass.activations(x.shape[1]) : Storage();
    m_gate.backward(dGate, normed, saved.gateLora, dNormed, Output::Assign);
    m_up.backward(dUp, normed, saved.upLora, dNormed, Output::Add);
    if (needsNormed)
        m_norm.backward(dNormed, x, rstd, needsInput ? dStream : Tensor(), Output::Add);
}

} // namespace lorikeet
