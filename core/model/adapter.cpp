// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/adapter.h"

#include <cmath>
#include <numeric>

#include "core/base/error.h"
#include "core/model/model_config.h"

namespace lorikeet {

LoraAdapter::LoraAdapter(ExecutionContext& context, const ModelConfig& config, LoraSpec spec, bool trainable)
    : m_spec(std::move(spec)), m_trainable(trainable),
      m_slots(std::size_t(linearIndex(config.layers, LinearRole::Query))) {
    const auto add = [&](std::string name, int rows, int columns) {
        const Shape shape = {rows, columns};
        Storage value = context.allocate(DType::F32, shape, MemoryTag::Adapters);
        Storage gradient = trainable ? context.allocate(DType::F32, shape, MemoryTag::Gradients) : Storage();
        m_parameters.push_back({std::move(name), std::move(value), std::move(gradient)});
    };
    const std::vector<LoraTarget> targets = loraTargets(config, m_spec);
    m_lowestLayer = targets.front().layer;
    for (const LoraTarget& target : targets) {
        const LinearLayout layout = linearLayout(config, target.role);
        const std::string path = linearPath(target.layer, target.role);
        m_slots[std::size_t(linearIndex(target.layer, target.role))] = {int(m_parameters.size()), target.scale};
        add(path + ".lora_A.weight", target.rank, layout.in);
        add(path + ".lora_B.weight", layout.out, target.rank);
    }
    zeroGradients(context);
}

LoraAdapter::LoraAdapter(ExecutionContext& context, const ModelConfig& config, LoraSpec spec, uint64_t seed,
                         bool trainable)
    : LoraAdapter(context, config, std::move(spec), trainable) {
    for (std::size_t index = 0; index < m_slots.size(); ++index) {
        if (m_slots[index].parameter < 0)
            continue;
        const Storage& a = m_parameters[std::size_t(m_slots[index].parameter)].value;
        const Storage& b = m_parameters[std::size_t(m_slots[index].parameter) + 1].value;
        const float bound = float(1.0 / std::sqrt(double(a.shape()[1])));
        const RandomStream random{seed, RandomPurpose::AdapterInit, uint32_t(index), 0};
        std::vector<float> values(std::size_t(a.shape().elements()));
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = (2.0f * random.uniform(i) - 1.0f) * bound;
        context.backend().upload(context, values.data(), a);
        context.backend().fill(context, b, 0.0f);
    }
}

LoraAdapter::LoraAdapter(LoraAdapter&&) noexcept = default;
LoraAdapter::~LoraAdapter() = default;

int64_t LoraAdapter::parameterCount() const {
    return std::accumulate(
        m_parameters.begin(), m_parameters.end(), int64_t(0),
        [](int64_t sum, const Parameter& parameter) { return sum + parameter.value.shape().elements(); });
}

void LoraAdapter::zeroGradients(ExecutionContext& context) {
    for (const Parameter& parameter : m_parameters)
        if (parameter.gradient)
            context.backend().fill(context, parameter.gradient, 0.0f);
}

bool LoraAdapter::adapts(int layer, LinearRole role) const {
    return m_slots[std::size_t(linearIndex(layer, role))].parameter >= 0;
}

LoraPair LoraAdapter::pair(int layer, LinearRole role) const {
    const Slot& slot = m_slots[std::size_t(linearIndex(layer, role))];
    const Parameter& a = m_parameters[std::size_t(slot.parameter)];
    const Parameter& b = m_parameters[std::size_t(slot.parameter) + 1];
    return {a, b, int(a.value.shape()[0]), slot.scale};
}

} // namespace lorikeet
