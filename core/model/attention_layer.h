// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/lora_linear.h"
#include "core/model/norm_layer.h"

namespace lorikeet {

/// What AttentionLayer's backward pass needs of its forward pass. [T, C] stands for T tokens, C channels.
struct AttentionSaved {
    Storage q;           ///< [T, H*D], rotated
    Storage k;           ///< [T, G*D], rotated
    Storage v;           ///< [T, G*D]
    Storage out;         ///< [T, H*D] what attention gives
    Storage logSumExp;   ///< F32 [H, T]
    LoraSaved queryLora; ///< of each linear layer
    LoraSaved keyLora;
    LoraSaved valueLora;
    LoraSaved outputLora;
};

/// y = x + o(attention(rope(q(n)), rope(k(n)), v(n))), n = rmsNorm(x)
class AttentionLayer {
public:
    AttentionLayer(const Pass& pass, int layer);

    bool trains() const;
    /// x [T, C], y [T, C] =. Keeps what backward() needs where `saved` is given.
    void forward(const Tensor& x, const Tensor& y, AttentionSaved* saved) const;
    /// dStream [T, C] is dY on entry and dX on return; without `needsInput` only gradients of weights are wanted
    /// and dStream is left as it was. Frees what was saved on the way.
    void backward(const Tensor& x, AttentionSaved& saved, bool needsInput, const Tensor& dStream) const;

private:
    bool trainsInputs() const { return m_norm.trains() || m_query.trains() || m_key.trains() || m_value.trains(); }
    void attend(AttentionSaved& saved) const;
    void rotate(const Tensor& heads, bool inverse) const;
    AttentionSpec spec() const;

    const Pass& m_pass;
    int m_layer;
    NormLayer m_norm;
    LoraLinear m_query;
    LoraLinear m_key;
    LoraLinear m_value;
    LoraLinear m_output;
};

} // namespace lorikeet
