// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/attention_layer.h"

#include <cmath>

#include "core/model/kv_cache.h"

namespace lorikeet {

AttentionLayer::AttentionLayer(const Pass& pass, int layer)
    : m_pass(pass), m_layer(layer), m_norm(pass, {BaseTensor::Kind::AttentionNorm, layer}),
      m_query(pass, layer, LinearRole::Query), m_key(pass, layer, LinearRole::Key),
      m_value(pass, layer, LinearRole::Value), m_output(pass, layer, LinearRole::AttentionOutput) {}

bool AttentionLayer::trains() const {
    return trainsInputs() || m_output.trains();
}

AttentionSpec AttentionLayer::spec() const {
    const ModelConfig& config = m_pass.config();
    return {.heads = config.heads,
            .kvHeads = config.kvHeads,
            .headDim = config.headDim,
            .scale = 1.0f / std::sqrt(float(config.headDim)),
            .causal = true,
            .window = config.windows[std::size_t(m_layer)]};
}

void AttentionLayer::rotate(const Tensor& heads, bool inverse) const {
    m_pass.backend.rope(m_pass.context, heads, m_pass.config().headDim, m_pass.rope->cosines, m_pass.rope->sines,
                        m_pass.positions, inverse);
}

void AttentionLayer::attend(AttentionSaved& saved) const {
    saved.out = m_pass.activations(m_query.outputs());
    saved.logSumExp =
        m_pass.context.allocate(DType::F32, {m_pass.config().heads, m_pass.tokens()}, MemoryTag::Activations);
    Tensor keys = saved.k;
    Tensor values = saved.v;
    if (m_pass.cache) {
        const int64_t end = m_pass.cache->length() + m_pass.tokens();
        keys = m_pass.cache->keys(m_layer).rows(0, end);
        values = m_pass.cache->values(m_layer).rows(0, end);
    }
    m_pass.backend.attention(m_pass.context, saved.q, keys, values, m_pass.layout, spec(), saved.out, saved.logSumExp);
}

void AttentionLayer::forward(const Tensor& x, const Tensor& y, AttentionSaved* keep) const {
    AttentionSaved temporary;
    AttentionSaved& saved = keep ? *keep : temporary;
    saved.q = m_pass.activations(m_query.outputs());
    Tensor k, v;
    if (m_pass.cache) {
        const int64_t begin = m_pass.cache->length();
        k = m_pass.cache->keys(m_layer).rows(begin, begin + m_pass.tokens());
        v = m_pass.cache->values(m_layer).rows(begin, begin + m_pass.tokens());
    } else {
        saved.k = m_pass.activations(m_key.outputs());
        saved.v = m_pass.activations(m_value.outputs());
        k = saved.k;
        v = saved.v;
    }
    {
        const Storage normed = m_pass.activations(x.shape[1]);
        const Storage rstd = m_pass.rowStatistics();
        m_norm.forward(x, normed, rstd);
        m_query.forward(normed, saved.q, keep ? &keep->queryLora : nullptr);
        m_key.forward(normed, k, keep ? &keep->keyLora : nullptr);
        m_value.forward(normed, v, keep ? &keep->valueLora : nullptr);
    }
    rotate(saved.q, false);
    rotate(k, false);
    attend(saved);
    if (!keep) {
        saved.q.reset();
        saved.k.reset();
        saved.v.reset();
    }
    m_output.forward(saved.out, y, keep ? &keep->outputLora : nullptr);
    m_pass.backend.add(m_pass.context, x, y, y);
}

void AttentionLayer::backward(const Tensor& x, AttentionSaved& saved, bool needsInput, const Tensor& dStream) const {
    Backend& backend = m_pass.backend;
    ExecutionContext& context = m_pass.context;
    if (!needsInput && !trainsInputs()) {
        m_output.backward(dStream, saved.out, saved.outputLora, {}, Output::Assign);
        return;
    }
    Storage dOut = m_pass.activations(m_query.outputs());
    m_output.backward(dStream, saved.out, saved.outputLora, dOut, Output::Assign);

    const Storage dQ = m_pass.activations(m_query.outputs());
    const Storage dK = m_pass.activations(m_key.outputs());
    const Storage dV = m_pass.activations(m_value.outputs());
    backend.attentionBackward(context, dOut, saved.q, saved.k, saved.v, saved.out, saved.logSumExp, m_pass.layout,
                              spec(), dQ, dK, dV);
    dOut.reset();
    for (Storage* used : {&saved.q, &saved.k, &saved.v, &saved.out, &saved.logSumExp})
        used->reset();
    rotate(dQ, true);
    rotate(dK, true);

    // Cheaper to compute again than to keep for every layer.
    const Storage normed = m_pass.activations(x.shape[1]);
    const Storage rstd = m_pass.rowStatistics();
    m_norm.forward(x, normed, rstd);
    const bool needsNormed = needsInput || m_norm.trains();
    const Storage dNormed = needsNormed ? m_pass.activations(x.shape[1]) : Storage();
    m_query.backward(dQ, normed, saved.queryLora, dNormed, Output::Assign);
    m_key.backward(dK, normed, saved.keyLora, dNormed, Output::Add);
    m_value.backward(dV, normed, saved.valueLora, dNormed, Output::Add);
    if (needsNormed)
        m_norm.backward(dNormed, x, rstd, needsInput ? dStream : Tensor(), Output::Add);
}

} // namespace lorikeet
