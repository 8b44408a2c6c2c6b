// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/lora_linear.h"
#include "core/model/norm_layer.h"

namespace lorikeet {

/// What FeedForwardLayer's backward pass needs of its forward pass; F is the intermediate size.
struct FeedForwardSaved {
    Storage gate;       ///< [T, F]
    Storage up;         ///< [T, F]
    LoraSaved gateLora; ///< of each linear layer
    LoraSaved upLora;
    LoraSaved downLora;
};

/// y = x + down(activation(gate(n)) * up(n)), n = rmsNorm(x)
class FeedForwardLayer {
public:
    FeedForwardLayer(const Pass& pass, int layer);

    bool trains() const { return trainsInputs() || m_down.trains(); }
    /// x [T, C], y [T, C] =. Keeps what backward() needs where `saved` is given.
    void forward(const Tensor& x, const Tensor& y, FeedForwardSaved* saved) const;
    /// dStream [T, C] is dY on entry and dX on return; without `needsInput` only gradients of weights are wanted
    /// and dStream is left as it was. Frees what was saved on the way.
    void backward(const Tensor& x, FeedForwardSaved& saved, bool needsInput, const Tensor& dStream) const;

private:
    bool trainsInputs() const { return m_norm.trains() || m_gate.trains() || m_up.trains(); }

    const Pass& m_pass;
    NormLayer m_norm;
    LoraLinear m_gate;
    LoraLinear m_up;
    LoraLinear m_down;
};

} // namespace lorikeet
