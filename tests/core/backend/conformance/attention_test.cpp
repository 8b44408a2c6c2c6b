// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include "tests/core/backend/conformance/conformance.h"
#include "tests/support/reference_attention.h"

namespace lorikeet {
namespace {

constexpr DType kReal[] = {DType::F32, DType::BF16};

/// One call's sizes: the lengths of the sequences' queries and keys.
struct Batch {
    std::vector<int32_t> queries;
    std::vector<int32_t> keys;
};

class Attention : public Conformance {
protected:
    struct Call {
        AttentionSpec spec;
        reference::Offsets offsets;
        SequenceLayout layout;
        Shape qShape, kShape;
        Values q, k, v;
        Tensor qTensor, kTensor, vTensor, out, logSumExp;
    };

    Call call(DType type, const Batch& batch, AttentionSpec spec) {
        Call call;
        spec.scale = 1.0f / std::sqrt(float(spec.headDim));
        call.spec = spec;
        call.offsets = {{0}, {0}};
        for (std::size_t s = 0; s < batch.queries.size(); ++s) {
            call.offsets.queries.push_back(call.offsets.queries.back() + batch.queries[s]);
            call.offsets.keys.push_back(call.offsets.keys.back() + batch.keys[s]);
        }
        call.layout = {input(call.offsets.queries), input(call.offsets.keys),
                       *std::max_element(batch.queries.begin(), batch.queries.end()),
                       *std::max_element(batch.keys.begin(), batch.keys.end())};
        call.qShape = {call.offsets.queries.back(), spec.heads * spec.headDim};
        call.kShape = {call.offsets.keys.back(), spec.kvHeads * spec.headDim};
        call.q = normal(type, call.qShape);
        call.k = normal(type, call.kShape);
        call.v = normal(type, call.kShape);
        call.qTensor = input(type, call.qShape, call.q);
        call.kTensor = input(type, call.kShape, call.k);
        call.vTensor = input(type, call.kShape, call.v);
        call.out = output(type, call.qShape);
        call.logSumExp = output(DType::F32, {spec.heads, call.qShape[0]});
        return call;
    }

    void attend(Call& c) {
        backend().attention(context(), c.qTensor, c.kTensor, c.vTensor, c.layout, c.spec, c.out, c.logSumExp);
    }

    void expectForward(DType type, const Batch& batch, const AttentionSpec& spec) {
        Call c = call(type, batch, spec);
        attend(c);
        const reference::Attention expected = reference::attention(c.q, c.k, c.v, c.offsets, c.spec);
        // Weights may be rounded to bfloat16 before they multiply values of that type.
        expectClose(read(c.out), expected.out, type, type == DType::F32 ? 3e-6 : 4e-3);
        expectClose(read(c.logSumExp), expected.logSumExp, DType::F32, 3e-6);
    }

    void expectGradients(DType type, const Batch& batch, const AttentionSpec& spec) {
        Call c = call(type, batch, spec);
        attend(c);
        const Values dOut = normal(type, c.qShape);
        const Tensor dQ = output(type, c.qShape), dK = output(type, c.kShape), dV = output(type, c.kShape);
        backend().attentionBackward(context(), input(type, c.qShape, dOut), c.qTensor, c.kTensor, c.vTensor, c.out,
                                    c.logSumExp, c.layout, c.spec, dQ, dK, dV);
        const double tolerance = type == DType::F32 ? 1e-5 : 1e-2;
        const reference::AttentionGradients expected =
            reference::attentionGradients(dOut, c.q, c.k, c.v, c.offsets, c.spec);
        expectClose(read(dQ), expected.dQ, type, tolerance);
        expectClose(read(dK), expected.dK, type, tolerance);
        expectClose(read(dV), expected.dV, type, tolerance);
    }
};
LORIKEET_CONFORMANCE(Attention);

TEST_P(Attention, IsTheSoftmaxOfTheProductsCausal) {
    for (const DType type : kReal) {
        expectForward(type, {{1}, {1}}, {.heads = 1, .kvHeads = 1, .headDim = 1});
        expectForward(type, {{130}, {130}}, {.heads = 2, .kvHeads = 2, .headDim = 64});
        expectForward(type, {{67, 1, 33, 0, 5}, {67, 1, 33, 0, 5}}, {.heads = 3, .kvHeads = 3, .headDim = 17});
    }
}

TEST_P(Attention, SharesKeysAmongTheHeadsOfAGroup) {
    for (const DType type : kReal)
        expectForward(type, {{41, 70}, {41, 70}}, {.heads = 9, .kvHeads = 3, .headDim = 64});
}

TEST_P(Attention, SeesAllKeysWhereNotCausal) {
    for (const DType type : kReal)
        expectForward(type, {{41, 7}, {41, 7}}, {.heads = 2, .kvHeads = 1, .headDim = 80, .causal = false});
}

TEST_P(Attention, SeesOnlyItsWindow) {
    for (const DType type : kReal)
        for (const int window : {1, 5, 64, 200})
            expectForward(type, {{150, 30}, {150, 30}}, {.heads = 2, .kvHeads = 2, .headDim = 32, .window = window});
}

TEST_P(Attention, QueriesAreTheLastOfTheirKeys) {
    for (const DType type : kReal) {
        expectForward(type, {{1, 1}, {77, 1}}, {.heads = 4, .kvHeads = 2, .headDim = 64});
        expectForward(type, {{5, 40}, {300, 65}}, {.heads = 2, .kvHeads = 2, .headDim = 64});
        expectForward(type, {{1, 3}, {77, 90}}, {.heads = 2, .kvHeads = 2, .headDim = 24, .window = 20});
    }
}

TEST_P(Attention, TakesLogitsThatOverflowWithoutTheirMaximum) {
    Call c = call(DType::F32, {{3}, {3}}, {.heads = 1, .kvHeads = 1, .headDim = 4});
    c.q.assign(12, 50.0);
    c.k.assign(12, 50.0);
    c.qTensor = input(DType::F32, c.qShape, c.q);
    c.kTensor = input(DType::F32, c.kShape, c.k);
    attend(c);
    Values expected(12);
    for (std::size_t i = 0; i < 12; ++i)
        for (std::size_t j = 0; j <= i / 4; ++j)
            expected[i] += c.v[4 * j + i % 4] / double(i / 4 + 1);
    expectClose(read(c.out), expected);
    EXPECT_NEAR(read(c.logSumExp)[2], 5000.0 + std::log(3.0), 1e-3);
}

TEST_P(Attention, BackwardIsTheGradient) {
    for (const DType type : kReal) {
        expectGradients(type, {{1}, {1}}, {.heads = 1, .kvHeads = 1, .headDim = 3});
        expectGradients(type, {{137, 1, 4, 0, 49}, {137, 1, 4, 0, 49}}, {.heads = 2, .kvHeads = 1, .headDim = 5});
        expectGradients(type, {{48, 24}, {48, 24}}, {.heads = 6, .kvHeads = 2, .headDim = 20});
        expectGradients(type, {{130}, {130}}, {.heads = 9, .kvHeads = 3, .headDim = 64});
    }
}

TEST_P(Attention, BackwardHonoursMaskWindowAndCache) {
    for (const DType type : kReal) {
        expectGradients(type, {{70}, {70}}, {.heads = 1, .kvHeads = 1, .headDim = 8, .causal = false});
        for (const int window : {2, 7, 60})
            expectGradients(type, {{140}, {140}}, {.heads = 1, .kvHeads = 1, .headDim = 8, .window = window});
        expectGradients(type, {{5, 2, 30}, {136, 2, 90}}, {.heads = 2, .kvHeads = 1, .headDim = 8});
    }
}

TEST(AttentionReference, GradientsAreCentralDifferences) {
    const reference::Offsets offsets{{0, 4, 5}, {0, 6, 7}};
    for (const AttentionSpec& spec : {AttentionSpec{.heads = 2, .kvHeads = 1, .headDim = 3, .scale = 0.6f},
                                      AttentionSpec{.heads = 2, .kvHeads = 2, .headDim = 2, .causal = false},
                                      AttentionSpec{.heads = 1, .kvHeads = 1, .headDim = 4, .window = 2}}) {
        const auto some = [](int count, double phase) {
            Values values;
            for (int i = 0; i < count; ++i)
                values.push_back(std::sin(1.7 * i + phase));
            return values;
        };
        const int heads = spec.heads * spec.headDim, kvHeads = spec.kvHeads * spec.headDim;
        const Values q = some(5 * heads, 0), k = some(7 * kvHeads, 1), v = some(7 * kvHeads, 2),
                     dOut = some(5 * heads, 3);
        const reference::AttentionGradients gradients = reference::attentionGradients(dOut, q, k, v, offsets, spec);
        const auto numeric = [&](const Values& x, auto attention) {
            return reference::numericGradient([&](const Values& moved) { return attention(moved).out; }, x, dOut);
        };
        expectClose(gradients.dQ,
                    numeric(q, [&](const Values& x) { return reference::attention(x, k, v, offsets, spec); }),
                    DType::F32, 1e-8);
        expectClose(gradients.dK,
                    numeric(k, [&](const Values& x) { return reference::attention(q, x, v, offsets, spec); }),
                    DType::F32, 1e-8);
        expectClose(gradients.dV,
                    numeric(v, [&](const Values& x) { return reference::attention(q, k, x, offsets, spec); }),
                    DType::F32, 1e-8);
    }
}

} // namespace
} // namespace lorikeet
