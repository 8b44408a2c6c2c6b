// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/train/optimized_parameters.h"

#include <array>

#include <gtest/gtest.h>

namespace lorikeet {

void OptimizedParameters::add(const std::string& name, const Shape& shape, const std::vector<float>& values) {
    Parameter parameter{name, m_context->allocate(DType::F32, shape, MemoryTag::Adapters),
                        m_context->allocate(DType::F32, shape, MemoryTag::Gradients)};
    m_context->backend().upload(*m_context, values.data(), parameter.value);
    m_context->backend().fill(*m_context, parameter.gradient, 0.0f);
    list.push_back(std::move(parameter));
}

void OptimizedParameters::setGradient(std::size_t index, const std::vector<float>& values) {
    m_context->backend().upload(*m_context, values.data(), list[index].gradient);
}

double OptimizedParameters::step(Optimizer& optimizer, int64_t step, double learningRate) {
    const Tensor loss = m_scalars.view().rows(0, 1), norm = m_scalars.view().rows(1, 2);
    m_context->backend().fill(*m_context, loss, 1.0f);
    optimizer.step(*m_context, step, learningRate, loss, norm, m_scalars.view().rows(2, 3));
    std::array<float, 3> values{};
    m_context->backend().download(*m_context, m_scalars, values.data());
    return double(values[1]);
}

std::vector<float> OptimizedParameters::values(std::size_t index) {
    const Tensor tensor = list[index].value;
    std::vector<float> values(std::size_t(tensor.elements()));
    m_context->backend().download(*m_context, tensor, values.data());
    return values;
}

OptimizedParameters::State OptimizedParameters::state(Optimizer& optimizer) {
    State state;
    const auto keep = [&](const std::string& name, const Tensor& tensor) {
        std::vector<std::byte> bytes(tensor.bytes());
        m_context->backend().download(*m_context, tensor, bytes.data());
        state.emplace_back(name, std::move(bytes));
    };
    optimizer.forEachState(*m_context, keep, StateUse::Read);
    return state;
}

void OptimizedParameters::setState(Optimizer& optimizer, const State& state) {
    std::size_t next = 0;
    optimizer.forEachState(*m_context, [&](const std::string& name, const Tensor& tensor) {
        ASSERT_EQ(state.at(next).first, name);
        ASSERT_EQ(state[next].second.size(), tensor.bytes());
        m_context->backend().upload(*m_context, state[next++].second.data(), tensor);
    });
    EXPECT_EQ(next, state.size());
}

} // namespace lorikeet
