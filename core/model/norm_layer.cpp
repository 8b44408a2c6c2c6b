// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/norm_layer.h"

namespace lorikeet {

NormLayer::NormLayer(const Pass& pass, const BaseTensor& tensor) : m_pass(pass), m_weight(pass.vector(tensor)) {
    if (const Parameter* copy = pass.copyOf(tensor))
        m_gradient = copy->gradient;
}

void NormLayer::forward(const Tensor& x, const Tensor& y, const Tensor& rstd) const {
    m_pass.backend.rmsNorm(m_pass.context, x, m_weight, m_pass.config().normEpsilon, y, rstd);
}

void NormLayer::backward(const Tensor& dY, const Tensor& x, const Tensor& rstd, const Tensor& dX, Output output) const {
    if (trains())
        m_pass.backend.rmsNormBackwardWeight(m_pass.context, dY, x, rstd, m_gradient);
    if (dX)
        m_pass.backend.rmsNormBackward(m_pass.context, dY, x, m_weight, rstd, dX, output);
}

} // namespace lorikeet
