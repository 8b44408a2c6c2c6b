// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/train/optimizer.h"

namespace lorikeet {

/// Parameters with gradients that a test gives, without a model.
class OptimizedParameters {
public:
    /// The optimizer's state, tensor after tensor, by name.
    using State = std::vector<std::pair<std::string, std::vector<std::byte>>>;

    explicit OptimizedParameters(Backend& backend) : m_context(backend.createContext()) {
        m_scalars = m_context->allocate(DType::F32, {3}, MemoryTag::Workspace);
    }

    void add(const std::string& name, const Shape& shape, const std::vector<float>& values);
    void setGradient(std::size_t index, const std::vector<float>& values);
    /// One step with a loss of 1; the gradients' norm.
    double step(Optimizer& optimizer, int64_t step, double learningRate);
    std::vector<float> values(std::size_t index);
    State state(Optimizer& optimizer);
    void setState(Optimizer& optimizer, const State& state);
    ExecutionContext& context() { return *m_context; }

    std::vector<Parameter> list;

private:
    std::unique_ptr<ExecutionContext> m_context;
    Storage m_scalars;
};

} // namespace lorikeet
