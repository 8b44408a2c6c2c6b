// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "tests/core/backend/conformance/conformance.h"
#include "tests/support/reference_layers.h"

namespace lorikeet {
namespace {

constexpr DType kReal[] = {DType::F32, DType::BF16};
constexpr double kEpsilon = 1e-5f;

class Normalisation : public Conformance {
protected:
    struct Norm {
        Values x, weight;
        Tensor xTensor, weightTensor, y, rstd;
    };
    Norm norm(DType type, DType weightType, const Shape& shape) {
        Norm norm{normal(type, shape), normal(weightType, shape[1]), {}, {}, {}, {}};
        norm.xTensor = input(type, shape, norm.x);
        norm.weightTensor = input(weightType, {shape[1]}, norm.weight);
        norm.y = output(type, shape);
        norm.rstd = output(DType::F32, {shape[0]});
        backend().rmsNorm(context(), norm.xTensor, norm.weightTensor, float(kEpsilon), norm.y, norm.rstd);
        return norm;
    }
};
LORIKEET_CONFORMANCE(Normalisation);

TEST_P(Normalisation, RmsNormDividesByTheRootOfTheMeanSquare) {
    for (const DType weightType : kReal)
        for (const Shape& shape : {Shape{1, 1}, Shape{5, 63}, Shape{33, 576}, Shape{3, 20001}}) {
            Norm f32 = norm(DType::F32, weightType, shape);
            expectClose(read(f32.rstd), reference::rmsNormRstd(f32.x, f32.weight.size(), kEpsilon));
            expectClose(read(f32.y), reference::rmsNorm(f32.x, f32.weight, kEpsilon));
        }
}

TEST_P(Normalisation, RmsNormRoundsBeforeItsWeightMultiplies) {
    for (const DType weightType : kReal)
        for (const Shape& shape : {Shape{5, 63}, Shape{33, 576}}) {
            Norm bf16 = norm(DType::BF16, weightType, shape);
            const Values plain = reference::rmsNorm(bf16.x, Values(bf16.weight.size(), 1.0), kEpsilon);
            Values expected = rounded(DType::BF16, plain);
            for (std::size_t i = 0; i < expected.size(); ++i)
                expected[i] *= bf16.weight[i % bf16.weight.size()];
            expected = rounded(DType::BF16, expected);
            const Values actual = read(bf16.y);
            // Where float32 and double round to different neighbours the values differ by one step; hardly anywhere.
            int differing = 0;
            for (std::size_t i = 0; i < actual.size(); ++i)
                differing += actual[i] != expected[i];
            EXPECT_LE(differing, int(actual.size() / 500));
            expectClose(actual, expected, DType::BF16);
        }
}

TEST_P(Normalisation, RmsNormBackwardIsTheGradient) {
    for (const DType type : kReal)
        for (const Shape& shape : {Shape{2, 5}, Shape{3, 63}, Shape{2, 130}}) {
            Norm forward = norm(type, DType::F32, shape);
            const Values dY = normal(type, shape), before = normal(type, shape);
            Values expected = reference::numericGradient(
                [&](const Values& x) { return reference::rmsNorm(x, forward.weight, kEpsilon); }, forward.x, dY);
            const Tensor dX = output(type, shape), sum = inOut(type, shape, before);
            const Tensor rstd = input(DType::F32, {shape[0]}, read(forward.rstd));
            const Tensor dYTensor = input(type, shape, dY);
            backend().rmsNormBackward(context(), dYTensor, forward.xTensor, forward.weightTensor, rstd, dX,
                                      Output::Assign);
            expectClose(read(dX), expected, type, 1e-5);
            backend().rmsNormBackward(context(), dYTensor, forward.xTensor, forward.weightTensor, rstd, sum,
                                      Output::Add);
            for (std::size_t i = 0; i < expected.size(); ++i)
                expected[i] += before[i];
            expectClose(read(sum), expected, type, 1e-5);
        }
}

TEST_P(Normalisation, RmsNormBackwardWeightIsTheGradientAndAdds) {
    for (const DType type : kReal)
        for (const Shape& shape : {Shape{1, 1}, Shape{3, 63}, Shape{200, 130}}) {
            Norm forward = norm(type, DType::F32, shape);
            const Values dY = normal(type, shape), before = normal(DType::F32, shape[1]), rstd = read(forward.rstd);
            Values expected = before;
            for (std::size_t i = 0; i < dY.size(); ++i) {
                const std::size_t columns = expected.size();
                const double normal = double(float(forward.x[i]) * float(rstd[i / columns]));
                expected[i % columns] += dY[i] * rounded(type, {normal})[0];
            }
            const Tensor dWeight = inOut(DType::F32, {shape[1]}, before);
            backend().rmsNormBackwardWeight(context(), input(type, shape, dY), forward.xTensor,
                                            input(DType::F32, {shape[0]}, rstd), dWeight);
            expectClose(read(dWeight), expected);
        }
}

TEST_P(Normalisation, RmsNormBackwardWeightAgreesWithCentralDifferences) {
    const Shape shape{4, 33};
    Norm forward = norm(DType::F32, DType::F32, shape);
    const Values dY = normal(DType::F32, shape);
    const Values expected = reference::numericGradient(
        [&](const Values& weight) { return reference::rmsNorm(forward.x, weight, kEpsilon); }, forward.weight, dY);
    const Tensor dWeight = inOut(DType::F32, {33}, Values(33, 0.0));
    backend().rmsNormBackwardWeight(context(), input(DType::F32, shape, dY), forward.xTensor,
                                    input(DType::F32, {4}, read(forward.rstd)), dWeight);
    expectClose(read(dWeight), expected, DType::F32, 1e-5);
}

TEST_P(Normalisation, RopeTurnsPairsOfHalvesAndBack) {
    struct Case {
        int64_t tokens, heads;
        int headDim;
        int64_t pairs;
    };
    for (const DType type : kReal)
        for (const Case& c : {Case{1, 1, 2, 1}, Case{7, 3, 64, 32}, Case{40, 9, 80, 20}, Case{5, 2, 70, 35}}) {
            const Shape shape{c.tokens, c.heads * c.headDim};
            constexpr int64_t kPositions = 50;
            Values cosines, sines;
            for (int64_t p = 0; p < kPositions; ++p)
                for (int64_t i = 0; i < c.pairs; ++i) {
                    cosines.push_back(std::cos(double(p) / double(i + 1)));
                    sines.push_back(std::sin(double(p) / double(i + 1)));
                }
            std::vector<int32_t> positions;
            for (int64_t t = 0; t < c.tokens; ++t)
                positions.push_back(int32_t((7 * t + 3) % kPositions));
            const Values x = normal(type, shape);
            const Tensor tensor = inOut(type, shape, x);
            const Tensor cosTensor = input(DType::F32, {kPositions, c.pairs}, cosines);
            const Tensor sinTensor = input(DType::F32, {kPositions, c.pairs}, sines);
            const Tensor positionTensor = input(positions);
            backend().rope(context(), tensor, c.headDim, cosTensor, sinTensor, positionTensor);
            const auto expected = [&](const Values& from, bool inverse) {
                return reference::rope(from, std::size_t(c.headDim), cosines, sines, std::size_t(c.pairs), positions,
                                       inverse);
            };
            const Values turned = read(tensor);
            expectClose(turned, expected(x, false), type);
            backend().rope(context(), tensor, c.headDim, cosTensor, sinTensor, positionTensor, true);
            expectClose(read(tensor), expected(turned, true), type);
        }
}

} // namespace
} // namespace lorikeet
