// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/lora_linear.h"

namespace lorikeet {

/// What FeedForwardLayer's backward pass needs of its forward pass; F is the intermediate size.
struct FeedForwardSaved {
    Storage gate;       ///< [T, F]
    Storage up;         ///< [T, F]
    Storage gateHidden; ///< of each adapter, where there is one
    Storage upHidden;
    Storage downHidden;
};

/// y = x + down(activation(gate(n)) * up(n)), n = rmsNorm(x)
class FeedForwardLayer {
public:
    FeedForwardLayer(const Pass& pass, int layer);

    bool adapted() const { return adaptsInputs() || m_down.adapted(); }
    /// x [T, C], y [T, C] =. Keeps what backward() needs where `saved` is given.
    void forward(const Tensor& x, const Tensor& y, FeedForwardSaved* saved) const;
    /// dStream [T, C] is dY on entry and dX on return; without `needsInput` only the adapters' gradients are wanted
    /// and dStream is left as it was. Frees what was saved on the way.
    void backward(const Tensor& x, FeedForwardSaved& saved, bool needsInput, const Tensor& dStream) const;

private:
    bool adaptsInputs() const { return m_gate.adapted() || m_up.adapted(); }

    const Pass& m_pass;
    const Tensor& m_norm; ///< F32 [C]
    LoraLinear m_gate;
    LoraLinear m_up;
    LoraLinear m_down;
};

} // namespace lorikeet
