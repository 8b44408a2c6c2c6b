// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <limits>

#include "tests/core/backend/conformance/conformance.h"
#include "tests/support/reference_layers.h"

namespace lorikeet {
namespace {

constexpr DType kReal[] = {DType::F32, DType::BF16};
/// Less than a vector, odd tails, more than a tile.
constexpr int64_t kCounts[] = {1, 7, 63, 1000, 40003};

class Elementwise : public Conformance {};
LORIKEET_CONFORMANCE(Elementwise);

TEST_P(Elementwise, CastRoundsToTheNearestEven) {
    for (const DType from : {DType::F32, DType::BF16, DType::F16})
        for (const DType to : {DType::F32, DType::BF16, DType::F16})
            for (const int64_t count : kCounts) {
                Values values = normal(from, count, 100.0);
                values[0] = 1.0 + 0x1p-8; // a tie in bfloat16
                values = rounded(from, values);
                const Tensor y = output(to, {count});
                backend().cast(context(), input(from, {count}, values), y);
                EXPECT_EQ(read(y), rounded(to, values)) << dtypeName(from) << " to " << dtypeName(to);
            }
}

TEST_P(Elementwise, CastKeepsInfinitiesAndNan) {
    const double infinity = std::numeric_limits<double>::infinity();
    const Values special = {infinity, -infinity, std::nan(""), -0.0, 3.3e38, 1e-40};
    for (const DType to : {DType::BF16, DType::F16}) {
        const Tensor y = output(to, {6});
        backend().cast(context(), input(DType::F32, {6}, special), y);
        const Values values = read(y), expected = rounded(to, special);
        EXPECT_TRUE(std::isnan(values[2]));
        EXPECT_TRUE(std::signbit(values[3]));
        for (const std::size_t i : {0, 1, 3, 4, 5})
            EXPECT_EQ(values[i], expected[i]);
    }
}

TEST_P(Elementwise, OperationsRunInTheOrderOfTheirCalls) {
    const Tensor x = inOut(DType::F32, {2}, {1, 2}), y = output(DType::F32, {2});
    backend().cast(context(), x, y);
    backend().scale(context(), y, 10.0f, y);
    backend().scale(context(), y, 1.0f, x);
    EXPECT_EQ(read(x), (Values{10, 20}));
}

TEST_P(Elementwise, AddAddsAlsoInPlace) {
    for (const DType type : kReal)
        for (const int64_t count : kCounts) {
            const Values a = normal(type, count), b = normal(type, count);
            Values sum(a.size());
            for (std::size_t i = 0; i < a.size(); ++i)
                sum[i] = double(float(a[i]) + float(b[i]));
            const Tensor y = output(type, {count}), left = inOut(type, {count}, a), right = inOut(type, {count}, b);
            backend().add(context(), left, right, y);
            EXPECT_EQ(read(y), rounded(type, sum));
            backend().add(context(), left, right, left);
            EXPECT_EQ(read(left), rounded(type, sum));
            backend().add(context(), input(type, {count}, a), right, right);
            EXPECT_EQ(read(right), rounded(type, sum));
        }
}

TEST_P(Elementwise, ScaleAssignsAndAddsAcrossTypes) {
    for (const DType from : kReal)
        for (const DType to : kReal)
            for (const int64_t count : kCounts) {
                const Values x = normal(from, count), before = normal(to, count);
                Values assigned(x.size()), added(x.size());
                for (std::size_t i = 0; i < x.size(); ++i) {
                    assigned[i] = -0.75 * x[i];
                    added[i] = before[i] - 0.75 * x[i];
                }
                const Tensor source = input(from, {count}, x), y = output(to, {count});
                backend().scale(context(), source, -0.75f, y);
                expectClose(read(y), assigned, to);
                const Tensor sum = inOut(to, {count}, before);
                backend().scale(context(), source, -0.75f, sum, Output::Add);
                expectClose(read(sum), added, to);
            }
}

TEST_P(Elementwise, ScaleWorksInPlace) {
    const Tensor x = inOut(DType::BF16, {3}, {1, 2, 3});
    backend().scale(context(), x, 2.0f, x);
    EXPECT_EQ(read(x), (Values{2, 4, 6}));
    backend().scale(context(), x, 2.0f, x, Output::Add);
    EXPECT_EQ(read(x), (Values{6, 12, 18}));
}

TEST_P(Elementwise, AddBiasAddsToEveryRow) {
    for (const DType type : kReal)
        for (const DType biasType : kReal)
            for (const Shape& shape : {Shape{1, 5}, Shape{3, 33}, Shape{70, 300}}) {
                const Values before = normal(type, shape), bias = normal(biasType, shape[1]);
                Values sum = before;
                for (std::size_t i = 0; i < sum.size(); ++i)
                    sum[i] += bias[i % bias.size()];
                const Tensor y = inOut(type, shape, before);
                backend().addBias(context(), input(biasType, {shape[1]}, bias), y);
                expectClose(read(y), sum, type);
            }
}

TEST_P(Elementwise, DivideDividesAlsoInPlace) {
    for (const int64_t count : kCounts) {
        const Values a = normal(DType::F32, count), before = normal(DType::F32, count);
        Values b = normal(DType::F32, count), assigned(a.size()), added(a.size());
        for (std::size_t i = 0; i < a.size(); ++i) {
            b[i] = double(float(std::abs(b[i]) + 0.5));
            assigned[i] = double(float(a[i]) / float(b[i]));
            added[i] = double(float(before[i]) + float(assigned[i]));
        }
        const Tensor left = inOut(DType::F32, {count}, a), right = inOut(DType::F32, {count}, b);
        const Tensor y = output(DType::F32, {count}), sum = inOut(DType::F32, {count}, before);
        backend().divide(context(), left, right, y);
        EXPECT_EQ(read(y), assigned);
        backend().divide(context(), left, right, sum, Output::Add);
        EXPECT_EQ(read(sum), added);
        backend().divide(context(), left, right, left);
        EXPECT_EQ(read(left), assigned);
        backend().divide(context(), y, right, right);
        for (std::size_t i = 0; i < a.size(); ++i)
            assigned[i] = double(float(assigned[i]) / float(b[i]));
        EXPECT_EQ(read(right), assigned);
    }
}

TEST_P(Elementwise, DropoutDropsWhatTheStreamSays) {
    const RandomStream random{99, RandomPurpose::Dropout, 4, 5};
    for (const DType type : kReal)
        for (const int64_t count : kCounts) {
            const Values x = normal(type, count), before = normal(type, count);
            Values assigned(x.size()), added = before;
            for (std::size_t i = 0; i < x.size(); ++i) {
                assigned[i] = random.uniform(i) < 0.3f ? 0.0 : x[i] / 0.7;
                added[i] += assigned[i];
            }
            const Tensor source = input(type, {count}, x), y = output(type, {count});
            backend().dropout(context(), source, 0.3f, random, y);
            expectClose(read(y), assigned, type);
            const Tensor sum = inOut(type, {count}, before);
            backend().dropout(context(), source, 0.3f, random, sum, Output::Add);
            expectClose(read(sum), added, type);
            const Tensor self = inOut(type, {count}, x);
            backend().dropout(context(), self, 0.3f, random, self);
            expectClose(read(self), assigned, type);
        }
}

TEST_P(Elementwise, DropoutOfNothingIsACopy) {
    const Values x = normal(DType::F32, 100);
    const Tensor y = output(DType::F32, {100});
    backend().dropout(context(), input(DType::F32, {100}, x), 0.0f, RandomStream{}, y);
    EXPECT_EQ(read(y), x);
}

TEST_P(Elementwise, GatedMultipliesByTheActivation) {
    for (const Activation activation : {Activation::Silu, Activation::GeluTanh})
        for (const DType type : kReal)
            for (const int64_t count : kCounts) {
                const Values gate = normal(type, count, 3.0), up = normal(type, count);
                const Values expected = reference::gated(activation, gate, up);
                const Tensor y = output(type, {count});
                backend().gated(context(), activation, input(type, {count}, gate), input(type, {count}, up), y);
                expectClose(read(y), expected, type);
                const Tensor self = inOut(type, {count}, gate);
                backend().gated(context(), activation, self, input(type, {count}, up), self);
                expectClose(read(self), expected, type);
            }
}

TEST_P(Elementwise, GatedStaysFiniteFarOut) {
    for (const Activation activation : {Activation::Silu, Activation::GeluTanh}) {
        const Values gate = {-1000, -100, -88.5, 88.5, 100, 1000}, up(6, 1.0);
        const Tensor y = output(DType::F32, {6});
        backend().gated(context(), activation, input(DType::F32, {6}, gate), input(DType::F32, {6}, up), y);
        expectClose(read(y), {0, 0, 0, 88.5, 100, 1000});
    }
}

TEST_P(Elementwise, GatedBackwardIsTheGradient) {
    for (const Activation activation : {Activation::Silu, Activation::GeluTanh})
        for (const DType type : kReal)
            for (const int64_t count : {1, 37, 150}) {
                const Values gate = normal(type, count, 2.0), up = normal(type, count), dY = normal(type, count);
                const Values dGate = reference::numericGradient(
                    [&](const Values& x) { return reference::gated(activation, x, up); }, gate, dY);
                const Values dUp = reference::numericGradient(
                    [&](const Values& x) { return reference::gated(activation, gate, x); }, up, dY);
                const Tensor gateTensor = inOut(type, {count}, gate), upTensor = inOut(type, {count}, up);
                const Tensor a = output(type, {count}), b = output(type, {count});
                backend().gatedBackward(context(), activation, input(type, {count}, dY), gateTensor, upTensor, a, b);
                expectClose(read(a), dGate, type, 3e-6);
                expectClose(read(b), dUp, type, 3e-6);
                backend().gatedBackward(context(), activation, input(type, {count}, dY), gateTensor, upTensor,
                                        gateTensor, upTensor);
                expectClose(read(gateTensor), dGate, type, 3e-6);
                expectClose(read(upTensor), dUp, type, 3e-6);
            }
}

} // namespace
} // namespace lorikeet
