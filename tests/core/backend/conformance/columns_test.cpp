// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "tests/core/backend/conformance/conformance.h"

namespace lorikeet {
namespace {

constexpr DType kReal[] = {DType::F32, DType::BF16};
/// Less than a vector, more than a strip, more rows than a group.
constexpr int64_t kShapes[][2] = {{1, 1}, {3, 63}, {130, 65}, {67, 576}, {700, 33}};

class Columns : public Conformance {};
LORIKEET_CONFORMANCE(Columns);

/// start[c] + alpha * the sum over rows of x.
Values columnSums(const Values& x, int64_t columns, double alpha, const Values& start = {}) {
    Values sums(static_cast<std::size_t>(columns));
    for (std::size_t i = 0; i < x.size(); ++i)
        sums[i % sums.size()] += x[i];
    for (std::size_t c = 0; c < sums.size(); ++c)
        sums[c] = alpha * sums[c] + (start.empty() ? 0.0 : start[c]);
    return sums;
}

Values products(const Values& a, const Values& b) {
    Values y(a.size());
    for (std::size_t i = 0; i < y.size(); ++i)
        y[i] = a[i] * b[i % b.size()];
    return y;
}

Values sum(Values a, const Values& b) {
    for (std::size_t i = 0; i < a.size(); ++i)
        a[i] += b[i];
    return a;
}

TEST_P(Columns, SumRowsAssignsAndAdds) {
    for (const DType type : kReal)
        for (const auto& [rows, columns] : kShapes) {
            const Values x = normal(type, rows * columns), before = normal(DType::F32, columns);
            const Tensor source = input(type, {rows, columns}, x), assigned = output(DType::F32, {columns});
            backend().sumRows(context(), source, assigned);
            expectClose(read(assigned), columnSums(x, columns, 1.0));
            const Tensor added = inOut(DType::F32, {columns}, before);
            backend().sumRows(context(), source, added, -0.5f, Output::Add);
            expectClose(read(added), columnSums(x, columns, -0.5, before));
        }
}

TEST_P(Columns, SumRowsKeepsWhatManyRowsAdd) {
    constexpr int64_t kRows = 20000;
    const Tensor sums = output(DType::F32, {3});
    backend().sumRows(context(), input(DType::F32, {kRows, 3}, Values(std::size_t(3 * kRows), double(0.1f))), sums);
    expectClose(read(sums), Values(3, double(0.1f) * kRows), DType::F32, 1e-5);
}

TEST_P(Columns, ScaleColumnsMultipliesEachByItsFactor) {
    for (const DType from : kReal)
        for (const DType to : kReal)
            for (const auto& [rows, columns] : kShapes) {
                const Values x = normal(from, rows * columns), before = normal(to, rows * columns);
                const Values factors = normal(DType::F32, columns), expected = products(x, factors);
                const Tensor source = input(from, {rows, columns}, x), y = output(to, {rows, columns});
                const Tensor factorTensor = input(DType::F32, {columns}, factors);
                backend().scaleColumns(context(), source, factorTensor, y);
                expectClose(read(y), expected, to);
                const Tensor added = inOut(to, {rows, columns}, before);
                backend().scaleColumns(context(), source, factorTensor, added, Output::Add);
                expectClose(read(added), sum(expected, before), to);
                const Tensor self = inOut(from, {rows, columns}, x);
                backend().scaleColumns(context(), self, factorTensor, self);
                expectClose(read(self), expected, from);
            }
}

TEST_P(Columns, ColumnDotsAreTheGradientOfTheFactors) {
    for (const DType type : kReal)
        for (const auto& [rows, columns] : kShapes) {
            const Values a = normal(type, rows * columns), b = normal(type, rows * columns);
            const Values before = normal(DType::F32, columns);
            const Tensor left = input(type, {rows, columns}, a), right = input(type, {rows, columns}, b);
            const Tensor assigned = output(DType::F32, {columns}), added = inOut(DType::F32, {columns}, before);
            backend().columnDots(context(), left, right, assigned);
            expectClose(read(assigned), columnSums(products(a, b), columns, 1.0));
            backend().columnDots(context(), left, right, added, 2.0f, Output::Add);
            expectClose(read(added), columnSums(products(a, b), columns, 2.0, before));
        }
}

TEST_P(Columns, SumsOfNoRowsAreZero) {
    const Tensor x{nullptr, DType::F32, {0, 4}}, sums = output(DType::F32, {4}), dots = output(DType::F32, {4});
    const Tensor added = inOut(DType::F32, {4}, {1, 2, 3, 4});
    backend().sumRows(context(), x, sums);
    backend().columnDots(context(), x, x, dots);
    backend().sumRows(context(), x, added, 1.0f, Output::Add);
    EXPECT_EQ(read(sums), Values(4, 0.0));
    EXPECT_EQ(read(dots), Values(4, 0.0));
    EXPECT_EQ(read(added), (Values{1, 2, 3, 4}));
}

TEST_P(Columns, NoiseIsUniformByTheLengthOfEachSequence) {
    const RandomStream random{7, RandomPurpose::Neftune, 2, 11};
    const std::vector<int32_t> offsets = {0, 1, 1, 12, 45};
    const double alpha = 5.0f;
    for (const DType type : kReal)
        for (const int64_t columns : {1, 33, 576}) {
            const Values x = normal(type, 45 * columns);
            Values expected = x;
            for (std::size_t s = 0; s + 1 < offsets.size(); ++s)
                for (int64_t i = offsets[s] * columns; i < offsets[s + 1] * columns; ++i)
                    expected[std::size_t(i)] += (2.0 * double(random.uniform(uint64_t(i))) - 1.0) * alpha /
                                                std::sqrt(double((offsets[s + 1] - offsets[s]) * columns));
            const Tensor y = inOut(type, {45, columns}, x);
            backend().addNoise(context(), input(offsets), float(alpha), random, y);
            expectClose(read(y), expected, type);
        }
}

TEST_P(Columns, NoiseOfNothingChangesNothing) {
    const Values x = normal(DType::F32, 30);
    const Tensor y = inOut(DType::F32, {10, 3}, x);
    backend().addNoise(context(), input({0, 10}), 0.0f, RandomStream{}, y);
    EXPECT_EQ(read(y), x);
}

} // namespace
} // namespace lorikeet
