// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <limits>
#include <numeric>

#include "tests/core/backend/conformance/conformance.h"

namespace lorikeet {
namespace {

constexpr int64_t kCounts[] = {1, 7, 63, 1000, 40003};

class Optimizer : public Conformance {};
LORIKEET_CONFORMANCE(Optimizer);

TEST_P(Optimizer, SumsAssignAndAdd) {
    for (const int64_t count : kCounts) {
        Values x = normal(DType::F32, count);
        for (double& value : x)
            value = double(float(value + 1.0));
        const double sum = std::accumulate(x.begin(), x.end(), 0.0);
        const double squares = std::inner_product(x.begin(), x.end(), x.begin(), 0.0);
        const Tensor tensor = input(DType::F32, {count}, x), result = output(DType::F32, {1});
        backend().sum(context(), tensor, result, 0.5f);
        expectClose(read(result), {0.5 * sum});
        backend().sum(context(), tensor, result, 2.0f, Output::Add);
        expectClose(read(result), {2.5 * sum});
        backend().sumOfSquares(context(), tensor, result, Output::Assign);
        expectClose(read(result), {squares});
        backend().sumOfSquares(context(), tensor, result, Output::Add);
        expectClose(read(result), {2 * squares});
    }
}

TEST_P(Optimizer, ClipFactorIsPyTorchs) {
    struct Case {
        double squares;
        float maxNorm;
        double norm, factor;
    };
    for (const Case& c : {Case{25, 1.0f, 5, 1 / (5 + 1e-6)}, Case{0.04, 1.0f, 0.2, 1}, Case{25, 0.0f, 5, 1},
                          Case{0, 0.3f, 0, 1}, Case{0.09, 0.3f, 0.3, 0.3 / (0.3 + 1e-6)}}) {
        const Tensor norm = output(DType::F32, {1}), factor = output(DType::F32, {1});
        backend().clipFactor(context(), input(DType::F32, {1}, {c.squares}), c.maxNorm, norm, factor);
        expectClose(read(norm), {c.norm});
        expectClose(read(factor), {c.factor}, DType::F32, 1e-7);
    }
}

TEST_P(Optimizer, ANormThatIsNotFiniteGivesAFactorThatStopsTheStep) {
    for (const double squares : {std::numeric_limits<double>::infinity(), std::nan("")})
        for (const float maxNorm : {0.0f, 1.0f}) {
            const Tensor norm = output(DType::F32, {1}), factor = output(DType::F32, {1});
            backend().clipFactor(context(), input(DType::F32, {1}, {squares}), maxNorm, norm, factor);
            EXPECT_FALSE(std::isfinite(read(norm)[0]));
            const Tensor p = inOut(DType::F32, {3}, {1, 2, 3}), m = inOut(DType::F32, {3}, {4, 5, 6});
            const Tensor v = inOut(DType::F32, {3}, {7, 8, 9});
            backend().adamW(context(), input(DType::F32, {3}, {1, std::nan(""), 1}), factor,
                            {.learningRate = 0.1f, .weightDecay = 0.1f}, p, m, v);
            EXPECT_EQ(read(p), (Values{1, 2, 3}));
            EXPECT_EQ(read(m), (Values{4, 5, 6}));
            EXPECT_EQ(read(v), (Values{7, 8, 9}));
        }
}

TEST_P(Optimizer, AdamWFollowsItsFormulaForSomeSteps) {
    for (const int64_t count : kCounts) {
        Values p = normal(DType::F32, count), m(p.size()), v(p.size());
        const Tensor pTensor = inOut(DType::F32, {count}, p), mTensor = inOut(DType::F32, {count}, m);
        const Tensor vTensor = inOut(DType::F32, {count}, v), factor = input(DType::F32, {1}, {0.5});
        for (int64_t step = 1; step <= 3; ++step) {
            const Values g = normal(DType::F32, count);
            const double lr = 0.01f, b1 = 0.9f, b2 = 0.999f, eps = 1e-8f, wd = 0.1f;
            backend().adamW(context(), input(DType::F32, {count}, g), factor, {0.01f, 0.9f, 0.999f, 1e-8f, 0.1f, step},
                            pTensor, mTensor, vTensor);
            for (std::size_t i = 0; i < p.size(); ++i) {
                p[i] *= 1 - lr * wd;
                m[i] = b1 * m[i] + (1 - b1) * 0.5 * g[i];
                v[i] = b2 * v[i] + (1 - b2) * 0.25 * g[i] * g[i];
                const double mHat = m[i] / (1 - std::pow(b1, double(step)));
                const double vHat = v[i] / (1 - std::pow(b2, double(step)));
                p[i] -= lr * mHat / (std::sqrt(vHat) + eps);
            }
        }
        expectClose(read(pTensor), p);
        expectClose(read(mTensor), m);
        expectClose(read(vTensor), v);
    }
}

} // namespace
} // namespace lorikeet
