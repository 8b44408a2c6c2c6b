// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/optimizer.h"

namespace lorikeet {

AdamW::AdamW(ExecutionContext& context, LoraAdapter& adapter, const TrainingConfig& config, double loraPlusRatio)
    : m_adapter(adapter), m_config(config), m_squares(context.allocate(DType::F32, {1}, MemoryTag::Workspace)) {
    Backend& backend = context.backend();
    m_moments.reserve(adapter.parameters().size());
    for (const Parameter& parameter : adapter.parameters()) {
        Moments moments;
        moments.first = context.allocate(DType::F32, parameter.value.shape(), MemoryTag::Optimizer);
        moments.second = context.allocate(DType::F32, parameter.value.shape(), MemoryTag::Optimizer);
        backend.fill(context, moments.first, 0.0f);
        backend.fill(context, moments.second, 0.0f);
        if (parameter.name.find("lora_B") != std::string::npos)
            moments.rateRatio = loraPlusRatio;
        m_moments.push_back(std::move(moments));
    }
}

void AdamW::step(ExecutionContext& context, int64_t step, double learningRate, const Tensor& loss, const Tensor& norm,
                 const Tensor& factor) {
    Backend& backend = context.backend();
    std::vector<Parameter>& parameters = m_adapter.parameters();
    backend.fill(context, m_squares, 0.0f);
    for (const Parameter& parameter : parameters)
        backend.sumOfSquares(context, parameter.gradient, m_squares, Output::Add);
    backend.clipFactor(context, m_squares, float(m_config.maxGradNorm), norm, factor);
    // Zero times what is not finite is NaN, and a factor of NaN makes every adamW a no-op: no download is needed to
    // keep the parameters. (Clipping alone would turn an infinite norm into the factor 0.)
    backend.scale(context, norm, 0.0f, factor, Output::Add);
    backend.scale(context, loss, 0.0f, factor, Output::Add);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const AdamWStep parts{.learningRate = float(learningRate * m_moments[i].rateRatio),
                              .beta1 = float(m_config.beta1),
                              .beta2 = float(m_config.beta2),
                              .epsilon = float(m_config.epsilon),
                              .weightDecay = float(m_config.weightDecay),
                              .step = step};
        backend.adamW(context, parameters[i].gradient, factor, parts, parameters[i].value, m_moments[i].first,
                      m_moments[i].second);
    }
}

} // namespace lorikeet
