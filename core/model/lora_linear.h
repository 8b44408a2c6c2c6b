// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "core/model/adapter.h"
#include "core/model/pass.h"

namespace lorikeet {

/// What LoraLinear's backward pass needs of its forward pass, where the layer has an adapter; r is its rank.
struct LoraSaved {
    Storage hidden;  ///< [T, r] dropout(x) A^T
    Storage product; ///< [T, out] dropout(x) W^T + scale * hidden B^T; with DoRA alone
};

/// A linear layer with the adapter over it, where it has one, and dropout x' of its input:
///     LoRA:  y = x W^T + bias + scale * (x' A^T) B^T
///     DoRA:  y = x W^T + bias - x' W^T + f * (x' W^T + scale * (x' A^T) B^T)        f = magnitude / norms, by output
/// with norms the lengths of the rows of W + scale * B A, which no gradient flows through (Liu et al. 2024, section
/// 4.3). A layer that is trained as a whole has no adapter; weight and bias are then its trained copies.
class LoraLinear {
public:
    LoraLinear(const Pass& pass, int layer, LinearRole role);

    bool trains() const { return m_adapter.has_value() || bool(m_weightGradient) || bool(m_biasGradient); }
    int64_t outputs() const { return m_weight.shape()[0]; }

    /// x [T, in], y [T, out] =. Keeps what backward() needs where `keep` is given.
    void forward(const Tensor& x, const Tensor& y, LoraSaved* keep) const;
    /// dX [T, in] = or += the gradient by x; absent where nothing below trains. The gradients of what trains +=.
    void backward(const Tensor& dY, const Tensor& x, const LoraSaved& saved, const Tensor& dX, Output output) const;

private:
    bool drops() const { return m_pass.options.dropout > 0.0f; }
    Storage dropped(const Tensor& x) const;
    void addPair(const Tensor& x, const Tensor& y, LoraSaved& saved) const;
    void addDora(const Tensor& x, const Tensor& y, LoraSaved& saved) const;
    Storage pairBackward(const Tensor& dY, const Tensor& x, const LoraSaved& saved) const;
    void doraBackward(const Tensor& dY, const Tensor& x, const LoraSaved& saved, const Tensor& dX, Output output) const;

    const Pass& m_pass;
    Weight m_weight;
    Tensor m_bias;           ///< F32 [out], often absent
    Tensor m_weightGradient; ///< of a trained copy
    Tensor m_biasGradient;   ///< the same
    std::optional<LoraPair> m_adapter;
    RandomStream m_random; ///< of the dropout mask
};

} // namespace lorikeet
