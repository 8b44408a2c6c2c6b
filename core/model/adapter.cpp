// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/adapter.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/base/error.h"
#include "core/model/base_model.h"

namespace lorikeet {

void LoraAdapter::addParameter(ExecutionContext& context, std::string name, const Shape& shape) {
    Storage value = context.allocate(DType::F32, shape, m_isWhole ? MemoryTag::Weights : MemoryTag::Adapters);
    Storage gradient = m_trainable ? context.allocate(DType::F32, shape, MemoryTag::Gradients) : Storage();
    m_parameters.push_back({std::move(name), std::move(value), std::move(gradient)});
}

void LoraAdapter::addPair(ExecutionContext& context, const ModelConfig& config, const LoraTarget& target) {
    const LinearLayout layout = linearLayout(config, target.role);
    const std::string path = linearPath(target.layer, target.role);
    Slot& slot = m_slots[std::size_t(linearIndex(target.layer, target.role))];
    slot.parameter = int(m_parameters.size());
    slot.scale = target.scale;
    addParameter(context, path + ".lora_A.weight", {target.rank, layout.in});
    addParameter(context, path + ".lora_B.weight", {layout.out, target.rank});
    if (!m_spec.useDora)
        return;
    addParameter(context, path + ".lora_magnitude_vector", {layout.out});
    slot.norms = context.allocate(DType::F32, {layout.out}, MemoryTag::Adapters);
    slot.factors = context.allocate(DType::F32, {layout.out}, MemoryTag::Adapters);
}

void LoraAdapter::addCopies(ExecutionContext& context, const ModelConfig& config,
                            const std::vector<BaseTensor>& tensors) {
    m_copied = tensors;
    m_copies.assign(std::size_t(baseTensorIndexLimit(config)), -1);
    for (const BaseTensor& tensor : tensors) {
        m_copies[std::size_t(baseTensorIndex(tensor))] = int(m_parameters.size());
        addParameter(context, baseTensorName(tensor), baseTensorShape(config, tensor));
        const bool isOfLayer = tensor.kind != BaseTensor::Kind::Head && tensor.kind != BaseTensor::Kind::FinalNorm;
        if (isOfLayer) // or the embedding, below all layers
            m_lowestLayer = std::min(m_lowestLayer, tensor.layer);
    }
}

LoraAdapter::LoraAdapter(ExecutionContext& context, const ModelConfig& config, LoraSpec spec, bool trainable)
    : m_spec(std::move(spec)), m_trainable(trainable),
      m_slots(std::size_t(linearIndex(config.layers, LinearRole::Query))), m_targets(loraTargets(config, m_spec)),
      m_lowestLayer(m_targets.front().layer) {
    for (const LoraTarget& target : m_targets)
        addPair(context, config, target);
    addCopies(context, config, savedTensors(config, m_spec));
    zeroGradients(context);
}

LoraAdapter::LoraAdapter(ExecutionContext& context, const ModelConfig& config, bool trainable)
    : m_trainable(trainable), m_isWhole(true), m_slots(std::size_t(linearIndex(config.layers, LinearRole::Query))) {
    addCopies(context, config, baseTensors(config));
    if (config.tiedEmbeddings) // one parameter, whose gradient is the sum of both uses
        m_copies[std::size_t(baseTensorIndex({BaseTensor::Kind::Head}))] =
            m_copies[std::size_t(baseTensorIndex({BaseTensor::Kind::Embedding}))];
    zeroGradients(context);
}

/// The first values of one pair, and of its magnitude.
void LoraAdapter::begin(ExecutionContext& context, const BaseModel& base, const LoraTarget& target, uint64_t seed) {
    Backend& backend = context.backend();
    const std::size_t first = std::size_t(slot(target.layer, target.role).parameter);
    const Storage& a = m_parameters[first].value;
    const float bound = float(1.0 / std::sqrt(double(a.shape()[1])));
    const RandomStream random{seed, RandomPurpose::AdapterInit, uint32_t(linearIndex(target.layer, target.role)), 0};
    std::vector<float> values(std::size_t(a.shape().elements()));
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = (2.0f * random.uniform(i) - 1.0f) * bound;
    backend.upload(context, values.data(), a);
    backend.fill(context, m_parameters[first + 1].value, 0.0f);
    if (m_spec.useDora)
        backend.rowNorms(context, base.weight({BaseTensor::Kind::Weight, target.layer, target.role}), {}, {}, 0.0f,
                         m_parameters[first + 2].value);
}

LoraAdapter::LoraAdapter(ExecutionContext& context, const BaseModel& base, LoraSpec spec, uint64_t seed, bool trainable)
    : LoraAdapter(context, base.config(), std::move(spec), trainable) {
    for (const LoraTarget& target : m_targets)
        begin(context, base, target, seed);
    for (const BaseTensor& tensor : m_copied) {
        const Storage& copy = copyOf(tensor)->value;
        if (copy.shape().rank() == 2)
            context.backend().dequantize(context, base.weight(tensor), copy);
        else
            context.backend().copy(context, base.vector(tensor), copy);
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
    return slot(layer, role).parameter >= 0;
}

LoraPair LoraAdapter::pair(int layer, LinearRole role) const {
    const Slot& found = slot(layer, role);
    const Parameter& a = m_parameters[std::size_t(found.parameter)];
    const Parameter& b = m_parameters[std::size_t(found.parameter) + 1];
    const Parameter* magnitude = m_spec.useDora ? &m_parameters[std::size_t(found.parameter) + 2] : nullptr;
    return {a, b, int(a.value.shape()[0]), found.scale, magnitude, found.norms, found.factors};
}

const Parameter* LoraAdapter::copyOf(const BaseTensor& tensor) const {
    const int index = m_copies[std::size_t(baseTensorIndex(tensor))];
    return index < 0 ? nullptr : &m_parameters[std::size_t(index)];
}

void LoraAdapter::prepare(ExecutionContext& context, const BaseModel& base) const {
    if (m_isPrepared || !m_spec.useDora)
        return;
    for (const LoraTarget& target : m_targets) {
        const LoraPair pair = this->pair(target.layer, target.role);
        context.backend().rowNorms(context, base.weight({BaseTensor::Kind::Weight, target.layer, target.role}),
                                   pair.a.value, pair.b.value, pair.scale, pair.norms);
        context.backend().divide(context, pair.magnitude->value, pair.norms, pair.factors);
    }
    m_isPrepared = true;
}

} // namespace lorikeet
