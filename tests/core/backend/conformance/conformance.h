// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/core/backend/conformance/backend_cases.h"

namespace lorikeet {

/// The host's form of a tensor's elements.
using Values = std::vector<double>;

/// A case of the suite: declared once, run on every backend.
///
/// Tensors lie between guard bytes, never aligned to more than their element. After each case the guards and all
/// inputs must be as they were; and every value that was read must have the same bits on every backend with the same
/// kernels, whatever its number of threads.
class Conformance : public testing::TestWithParam<BackendCase> {
protected:
    void SetUp() override;
    void TearDown() override;

    Backend& backend() { return *m_backend; }
    ExecutionContext& context() { return *m_context; }

    /// A tensor that the operation may only read.
    Tensor input(DType dtype, const Shape& shape, const Values& values);
    Tensor input(const std::vector<int32_t>& values);
    /// A tensor that it may change.
    Tensor inOut(DType dtype, const Shape& shape, const Values& values);
    /// A tensor without values yet: full of NaN.
    Tensor output(DType dtype, const Shape& shape);

    /// Downloads.
    Values read(const Tensor& tensor);
    /// Standard normal values, other ones at each call, as they are once stored as `dtype`.
    Values normal(DType dtype, int64_t count, double deviation = 1.0);
    Values normal(DType dtype, const Shape& shape, double deviation = 1.0) {
        return normal(dtype, shape.elements(), deviation);
    }

private:
    struct Guarded {
        Storage storage;
        Tensor tensor;
        std::vector<std::byte> uploaded; ///< what was put there, guards included
        bool constant = false;
    };

    Tensor place(DType dtype, const Shape& shape, const void* elements, bool constant);
    std::vector<std::byte> downloadGuarded(const Guarded& guarded);

    std::unique_ptr<Backend> m_backend;
    std::unique_ptr<ExecutionContext> m_context;
    std::map<const std::byte*, Guarded> m_tensors; ///< by tensor.data
    std::vector<std::byte> m_read;
    uint32_t m_streams = 0;
};

/// Stores values as `dtype` and back.
Values rounded(DType dtype, const Values& values);

/// |actual - expected| <= tolerance * the largest expected, and for bfloat16 one rounding of the expected more.
void expectClose(const Values& actual, const Values& expected, DType dtype = DType::F32, double tolerance = 2e-6);

/// Runs `call` and expects an InvalidArgument whose message holds each of `parts`.
void expectInvalid(const std::function<void()>& call, const std::vector<std::string>& parts);

#define LORIKEET_CONFORMANCE(Suite)                                                                                    \
    INSTANTIATE_TEST_SUITE_P(, Suite, testing::ValuesIn(backendCases()), [](const auto& one) { return one.param.name; })

} // namespace lorikeet
