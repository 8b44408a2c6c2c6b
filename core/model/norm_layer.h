// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/pass.h"

namespace lorikeet {

/// An RMSNorm whose weight may train: y = weight * x / sqrt(mean(x^2) + epsilon).
class NormLayer {
public:
    NormLayer(const Pass& pass, const BaseTensor& tensor);

    bool trains() const { return bool(m_gradient); }
    /// x, y [n, C]; y =, rstd F32 [n] =.
    void forward(const Tensor& x, const Tensor& y, const Tensor& rstd) const;
    /// dX [n, C] = or += the gradient by x; absent where it is not wanted. The weight's gradient += where it trains.
    void backward(const Tensor& dY, const Tensor& x, const Tensor& rstd, const Tensor& dX, Output output) const;

private:
    const Pass& m_pass;
    Tensor m_weight;   ///< F32 [C]
    Tensor m_gradient; ///< F32 [C], absent where frozen
};

} // namespace lorikeet
