// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <limits>

#include "core/quant/quantize.h"
#include "tests/core/backend/conformance/conformance.h"

namespace lorikeet {
namespace {

constexpr std::size_t kBlock = 256;

/// The rule of adamW8Bit() in scalar float32, over moments of its own.
class ReferenceAdamW8Bit {
public:
    explicit ReferenceAdamW8Bit(const Values& parameter)
        : p(parameter), m(parameter.size(), 127.0), v(parameter.size(), 0.0),
          mAbsmax((parameter.size() + kBlock - 1) / kBlock, 0.0), vAbsmax(mAbsmax) {}

    void step(const Values& gradient, float factor, const AdamWStep& step) {
        for (std::size_t b = 0; b < mAbsmax.size(); ++b)
            stepBlock(b, gradient, factor, step);
    }

    Values p, m, v, mAbsmax, vAbsmax;

private:
    void stepBlock(std::size_t b, const Values& gradient, float factor, const AdamWStep& step) {
        const double beta1 = double(step.beta1), beta2 = double(step.beta2), rate = double(step.learningRate);
        const double c1 = 1 - std::pow(beta1, double(step.step));
        const double c2 = std::sqrt(1 - std::pow(beta2, double(step.step)));
        const float share1 = float(1 - beta1), share2 = float(1 - beta2);
        const float keep = float(1 - rate * double(step.weightDecay)), stepSize = float(rate * c2 / c1);
        const float epsilon = float(double(step.epsilon) * c2);
        const std::size_t end = std::min(p.size(), (b + 1) * kBlock);
        std::vector<float> first, second;
        for (std::size_t i = b * kBlock; i < end; ++i) {
            const float g = factor * float(gradient[i]), square = g * g;
            const float m0 = dynamicMap(true)[std::size_t(m[i])] * float(mAbsmax[b]);
            const float v0 = dynamicMap(false)[std::size_t(v[i])] * float(vAbsmax[b]);
            if (!std::isfinite(square)) {
                first.push_back(m0);
                second.push_back(v0);
                continue;
            }
            const float kept1 = step.beta1 * m0, new1 = share1 * g, kept2 = step.beta2 * v0, new2 = share2 * square;
            first.push_back(kept1 + new1);
            second.push_back(kept2 + new2);
            const float update = first.back() / (std::sqrt(second.back()) + epsilon);
            const float decayed = keep * float(p[i]), moved = stepSize * update;
            p[i] = double(decayed - moved);
        }
        encode(first, true, b, m, mAbsmax);
        encode(second, false, b, v, vAbsmax);
    }

    static void encode(const std::vector<float>& moments, bool isSigned, std::size_t b, Values& codes, Values& absmax) {
        float most = 0.0f;
        for (const float value : moments)
            most = std::max(most, std::abs(value));
        for (std::size_t i = 0; i < moments.size(); ++i)
            codes[b * kBlock + i] = nearestCode(dynamicMap(isSigned), most > 0.0f ? moments[i] / most : 0.0f);
        absmax[b] = double(most);
    }
};

class AdamW8Bit : public Conformance {
protected:
    struct State {
        Tensor parameter;
        Moments8Bit moments;
    };
    State upload(const ReferenceAdamW8Bit& reference) {
        const auto place = [&](DType type, const Values& values) {
            return inOut(type, {int64_t(values.size())}, values);
        };
        return {place(DType::F32, reference.p),
                {place(DType::U8, reference.m), place(DType::F32, reference.mAbsmax), place(DType::U8, reference.v),
                 place(DType::F32, reference.vAbsmax)}};
    }
    void step(State& state, const Values& gradient, double factor, const AdamWStep& step) {
        backend().adamW8Bit(context(), input(DType::F32, {int64_t(gradient.size())}, gradient),
                            input(DType::F32, {1}, {factor}), step, state.parameter, state.moments);
    }
    void expectEqual(const State& state, const ReferenceAdamW8Bit& reference) {
        EXPECT_EQ(read(state.parameter), reference.p);
        EXPECT_EQ(read(state.moments.m), reference.m);
        EXPECT_EQ(read(state.moments.v), reference.v);
        EXPECT_EQ(read(state.moments.mAbsmax), reference.mAbsmax);
        EXPECT_EQ(read(state.moments.vAbsmax), reference.vAbsmax);
    }
};
LORIKEET_CONFORMANCE(AdamW8Bit);

TEST_P(AdamW8Bit, FollowsItsRuleToTheBitOnEveryKernelSet) {
    for (const int64_t count : {1, 7, 256, 300, 5003, 40003}) {
        ReferenceAdamW8Bit reference(normal(DType::F32, count));
        State state = upload(reference);
        for (int64_t i = 1; i <= 5; ++i) {
            Values gradient = normal(DType::F32, count, i == 3 ? 1e-6 : 0.1);
            gradient[0] = 100.0; // one that makes its block's other moments small
            const AdamWStep parts{0.01f, 0.9f, 0.999f, 1e-8f, 0.1f, i};
            step(state, gradient, 0.5, parts);
            reference.step(gradient, 0.5f, parts);
        }
        expectEqual(state, reference);
    }
}

TEST_P(AdamW8Bit, ValuesHalfwayBetweenTwoCodesTakeTheEvenOne) {
    // With betas of 0 the moments are the gradient and its square, and the block's first element is its absmax.
    for (const bool isSigned : {true, false}) {
        Values gradient = {1.0};
        std::vector<uint8_t> expected;
        for (std::size_t code = isSigned ? 128 : 1; code < 256; ++code) {
            const float middle = (dynamicMap(isSigned)[code - 1] + dynamicMap(isSigned)[code]) * 0.5f;
            gradient.push_back(isSigned ? double(middle) : std::sqrt(double(middle)));
        }
        gradient.resize(kBlock, 0.0);
        gradient = rounded(DType::F32, gradient);
        ReferenceAdamW8Bit reference(Values(kBlock, 0.0));
        State state = upload(reference);
        const AdamWStep parts{0.0f, 0.0f, 0.0f, 1e-8f, 0.0f, 1};
        step(state, gradient, 1.0, parts);
        const Values codes = read(isSigned ? state.moments.m : state.moments.v);
        int ties = 0;
        for (std::size_t i = 1; i < kBlock; ++i) {
            const float value = isSigned ? float(gradient[i]) : float(gradient[i]) * float(gradient[i]);
            ASSERT_EQ(codes[i], nearestCode(dynamicMap(isSigned), value)) << i;
            const std::size_t lower = std::size_t(codes[i]) - (value < dynamicMap(isSigned)[std::size_t(codes[i])]);
            if (lower < 255 && value == (dynamicMap(isSigned)[lower] + dynamicMap(isSigned)[lower + 1]) * 0.5f) {
                EXPECT_EQ(int(codes[i]) % 2, 0) << i;
                ++ties;
            }
        }
        EXPECT_GT(ties, 20);
    }
}

TEST_P(AdamW8Bit, AnElementWhoseGradientIsNotFiniteStaysAsItIs) {
    const double infinity = std::numeric_limits<double>::infinity();
    ReferenceAdamW8Bit reference(normal(DType::F32, 500));
    State state = upload(reference);
    for (int64_t i = 1; i <= 3; ++i) {
        Values gradient = normal(DType::F32, 500);
        if (i == 2) {
            gradient[3] = std::nan("");
            gradient[260] = infinity;
            gradient[261] = -infinity;
            gradient[499] = 1e30; // its square is not finite
        }
        step(state, gradient, 1.0, {.learningRate = 0.01f, .step = i});
        reference.step(gradient, 1.0f, {.learningRate = 0.01f, .step = i});
        for (const double value : read(state.parameter))
            ASSERT_TRUE(std::isfinite(value));
    }
    expectEqual(state, reference);
}

TEST_P(AdamW8Bit, AFactorThatIsNotFiniteChangesNothing) {
    ReferenceAdamW8Bit reference(normal(DType::F32, 300));
    State state = upload(reference);
    step(state, normal(DType::F32, 300), 1.0, {.learningRate = 0.01f});
    const Values p = read(state.parameter), m = read(state.moments.m), absmax = read(state.moments.mAbsmax);
    for (const double factor : {std::nan(""), std::numeric_limits<double>::infinity()})
        step(state, normal(DType::F32, 300), factor, {.learningRate = 0.01f, .weightDecay = 0.1f, .step = 2});
    EXPECT_EQ(read(state.parameter), p);
    EXPECT_EQ(read(state.moments.m), m);
    EXPECT_EQ(read(state.moments.mAbsmax), absmax);
}

TEST_P(AdamW8Bit, NoGradientKeepsEverythingZero) {
    ReferenceAdamW8Bit reference(Values(10, 2.0));
    State state = upload(reference);
    step(state, Values(10, 0.0), 1.0, {.learningRate = 0.01f});
    EXPECT_EQ(read(state.parameter), Values(10, 2.0));
    EXPECT_EQ(read(state.moments.m), Values(10, double(kZeroFirstMoment)));
    EXPECT_EQ(read(state.moments.v), Values(10, double(kZeroSecondMoment)));
    EXPECT_EQ(read(state.moments.mAbsmax), Values(1, 0.0));
}

} // namespace
} // namespace lorikeet
