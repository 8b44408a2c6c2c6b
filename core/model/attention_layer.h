// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/lora_linear.h"

namespace lorikeet {

/// What AttentionLayer's backward pass needs of its forward pass. [T, C] stands for T tokens, C channels.
struct AttentionSaved {
    Storage q;           ///< [T, H*D], rotated
    Storage k;           ///< [T, G*D], rotated
    Storage v;           ///< [T, G*D]
    Storage out;         ///< [T, H*D] what attention gives
    Storage logSumExp;   ///< F32 [H, T]
    Storage queryHidden; ///< of each adapter, where there is one
    Storage keyHidden;
    Storage valueHidden;
    Storage outputHidden;
};

/// y = x + o(attention(rope(q(n)), rope(k(n)), v(n))), n = rmsNorm(x)
class AttentionLayer {
public:
    AttentionLayer(const Pass& pass, int layer);

    bool adapted() const;
    /// x [T, C], y [T, C] =. Keeps what backward() needs where `saved` is given.
    void forward(const Tensor& x, const Tensor& y, AttentionSaved* saved) const;
    /// dStream [T, C] is dY on entry and dX on return; without `needsInput` only the adapters' gradients are wanted
    /// and dStream is left as it was. Frees what was saved on the way.
    void backward(const Tensor& x, AttentionSaved& saved, bool needsInput, const Tensor& dStream) const;

private:
    bool adaptsInputs() const { return m_query.adapted() || m_key.adapted() || m_value.adapted(); }
    void attend(AttentionSaved& saved) const;
    void rotate(const Tensor& heads, bool inverse) const;
    AttentionSpec spec() const;

    const Pass& m_pass;
    int m_layer;
    const Tensor& m_norm; ///< F32 [C]
    LoraLinear m_query;
    LoraLinear m_key;
    LoraLinear m_value;
    LoraLinear m_output;
};

} // namespace lorikeet
