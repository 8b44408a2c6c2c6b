// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <limits>

#include "tests/core/backend/conformance/conformance.h"
#include "tests/support/reference_layers.h"

namespace lorikeet {
namespace {

constexpr DType kReal[] = {DType::F32, DType::BF16};

class Loss : public Conformance {};
LORIKEET_CONFORMANCE(Loss);

std::vector<int32_t> someTargets(int64_t rows, int64_t columns) {
    std::vector<int32_t> targets;
    for (int64_t row = 0; row < rows; ++row)
        targets.push_back(int32_t(row == 0 ? columns - 1 : (13 * row) % columns));
    return targets;
}

TEST_P(Loss, CrossEntropyIsMinusTheLogProbabilityOfTheTarget) {
    for (const DType type : kReal)
        for (const Shape& shape : {Shape{1, 1}, Shape{3, 7}, Shape{40, 129}, Shape{2, 49152}}) {
            const Values logits = normal(type, shape, 4.0);
            const std::vector<int32_t> targets = someTargets(shape[0], shape[1]);
            const Tensor losses = output(DType::F32, {shape[0]});
            backend().crossEntropy(context(), input(type, shape, logits), input(targets), losses);
            expectClose(read(losses), reference::crossEntropy(logits, targets), DType::F32, 3e-6);
        }
}

TEST_P(Loss, CrossEntropyGradientIsSoftmaxMinusOneAtTheTarget) {
    for (const DType type : kReal)
        for (const DType gradientType : kReal)
            for (const Shape& shape : {Shape{1, 1}, Shape{3, 7}, Shape{5, 61}}) {
                const Values logits = normal(type, shape, 2.0);
                const std::vector<int32_t> targets = someTargets(shape[0], shape[1]);
                const Values expected =
                    reference::numericGradient([&](const Values& x) { return reference::crossEntropy(x, targets); },
                                               logits, Values(std::size_t(shape[0]), 0.25));
                const Tensor losses = output(DType::F32, {shape[0]}), dLogits = output(gradientType, shape);
                backend().crossEntropy(context(), input(type, shape, logits), input(targets), losses, dLogits, 0.25f);
                // The differences themselves are good to about 1e-10.
                Values actual = read(dLogits);
                for (double& value : actual)
                    value = std::abs(value) < 1e-9 ? 0.0 : value;
                expectClose(actual, expected, gradientType, shape[1] == 1 ? 1e20 : 3e-6);
            }
}

TEST_P(Loss, CrossEntropyGradientMayReplaceTheLogits) {
    for (const DType type : kReal) {
        const Shape shape{7, 301};
        const Values logits = normal(type, shape, 2.0);
        const std::vector<int32_t> targets = someTargets(shape[0], shape[1]);
        const Tensor apart = output(type, shape), inPlace = inOut(type, shape, logits);
        const Tensor losses = output(DType::F32, {shape[0]}), again = output(DType::F32, {shape[0]});
        backend().crossEntropy(context(), input(type, shape, logits), input(targets), losses, apart, 0.5f);
        backend().crossEntropy(context(), inPlace, input(targets), again, inPlace, 0.5f);
        EXPECT_EQ(read(inPlace), read(apart));
        EXPECT_EQ(read(again), read(losses));
    }
}

TEST_P(Loss, CrossEntropyTakesExtremeLogits) {
    const Values logits = {1e4, -1e4, 0, 3e38, -3e38, 0, -1e30, -1e30, -1e30};
    const Tensor losses = output(DType::F32, {3}), dLogits = output(DType::F32, {3, 3});
    backend().crossEntropy(context(), input(DType::F32, {3, 3}, logits), input({1, 0, 2}), losses, dLogits);
    expectClose(read(losses), {2e4, 0, std::log(3.0)});
    expectClose(read(dLogits), {1, -1, 0, 0, 0, 0, 1.0 / 3, 1.0 / 3, -2.0 / 3});
}

TEST_P(Loss, CrossEntropyShowsWhatIsNotANumber) {
    Values logits(40, 1.0);
    logits[17] = std::nan("");
    const Tensor losses = output(DType::F32, {1});
    backend().crossEntropy(context(), input(DType::F32, {1, 40}, logits), input({2}), losses);
    EXPECT_TRUE(std::isnan(read(losses)[0]));
    logits[17] = std::numeric_limits<double>::infinity();
    backend().crossEntropy(context(), input(DType::F32, {1, 40}, logits), input({2}), losses);
    EXPECT_FALSE(std::isfinite(read(losses)[0]));
}

} // namespace
} // namespace lorikeet
