// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "core/model/adapter.h"
#include "core/model/pass.h"

namespace lorikeet {

/// A frozen linear layer with the adapter over it, where it has one:
///     y = x W^T + bias + scale * (dropout(x) A^T) B^T
class LoraLinear {
public:
    LoraLinear(const Pass& pass, int layer, LinearRole role);

    bool adapted() const { return m_adapter.has_value(); }
    int64_t outputs() const { return m_weight.weight().shape()[0]; }

    /// x [T, in], y [T, out] =. `hidden` receives dropout(x) A^T [T, r], which backward() needs.
    void forward(const Tensor& x, const Tensor& y, Storage& hidden) const;
    /// dX [T, in] = or += the gradient by x; absent where nothing below trains. The adapter's gradients +=.
    void backward(const Tensor& dY, const Tensor& x, const Tensor& hidden, const Tensor& dX, Output output) const;

private:
    bool drops() const { return m_pass.options.dropout > 0.0f; }
    Storage dropped(const Tensor& x) const;

    const Pass& m_pass;
    const LinearWeight& m_weight;
    std::optional<LoraPair> m_adapter;
    RandomStream m_random; ///< of the dropout mask
};

} // namespace lorikeet
