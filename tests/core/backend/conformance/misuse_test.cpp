// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "tests/core/backend/conformance/conformance.h"

namespace lorikeet {
namespace {

/// What must be refused, before anything runs, with a message that holds the actual values.
class Misuse : public Conformance {
protected:
    Tensor f32(const Shape& shape) { return inOut(DType::F32, shape, Values(std::size_t(shape.elements()), 1.0)); }
    Tensor bf16(const Shape& shape) { return inOut(DType::BF16, shape, Values(std::size_t(shape.elements()), 1.0)); }
    Tensor i32(int64_t count) { return input(std::vector<int32_t>(std::size_t(count), 0)); }
};
LORIKEET_CONFORMANCE(Misuse);

TEST_P(Misuse, OfTransfers) {
    const float host[4] = {};
    expectInvalid(
        [&] {
            backend().upload(context(), host, Tensor{nullptr, DType::F32, {4}});
        },
        {"upload: destination is absent"});
    expectInvalid([&] { backend().upload(context(), nullptr, f32({4})); }, {"upload: no host memory", "float32 [4]"});
    expectInvalid([&] { backend().download(context(), f32({4}), nullptr); }, {"download: no host memory"});
    expectInvalid([&] { backend().copy(context(), f32({4}), f32({5})); }, {"copy", "float32 [4]", "float32 [5]"});
    expectInvalid([&] { backend().copy(context(), f32({4}), bf16({4})); }, {"copy", "float32 [4]", "bfloat16 [4]"});
    const Tensor x = f32({6});
    expectInvalid([&] { backend().copy(context(), x.rows(0, 4), x.rows(2, 6)); }, {"copy", "overlaps"});
    expectInvalid([&] { backend().fill(context(), output(DType::F16, {2}), 1.0f); }, {"fill", "float16 [2]"});
}

TEST_P(Misuse, OfElementwiseOperations) {
    const Tensor x = f32({6});
    expectInvalid([&] { backend().cast(context(), i32(6), x); }, {"cast: x is int32 [6]"});
    expectInvalid([&] { backend().cast(context(), x, bf16({7})); }, {"cast", "float32 [6]", "bfloat16 [7]"});
    expectInvalid([&] { backend().add(context(), x, bf16({6}), f32({6})); },
                  {"add: a is float32 [6] but b is bfloat16"});
    expectInvalid([&] { backend().add(context(), x.rows(0, 3), x.rows(2, 5), x.rows(1, 4)); }, {"add", "overlaps"});
    expectInvalid([&] { backend().scale(context(), x, 1.0f, f32({5})); },
                  {"scale: x is float32 [6] but y is float32 [5]"});
    expectInvalid(
        [&] {
            backend().addBias(context(), f32({5}), f32({2, 6}));
        },
        {"addBias: bias is float32 [5] but y is float32 [2, 6]", "[6]"});
    expectInvalid([&] { backend().addBias(context(), f32({6}), x); }, {"addBias: y is float32 [6]", "2 dimensions"});
    for (const float p : {-0.1f, 1.0f, std::nanf("")})
        expectInvalid([&] { backend().dropout(context(), x, p, {}, f32({6})); }, {"dropout: p is"});
    expectInvalid(
        [&] {
            backend().gated(context(), Activation::Silu, x, f32({2, 3}), f32({6}));
        },
        {"gated: gate is float32 [6] but up is float32 [2, 3]"});
    const Tensor dGate = f32({6});
    expectInvalid([&] { backend().gatedBackward(context(), Activation::Silu, x, f32({6}), f32({6}), dGate, dGate); },
                  {"gatedBackward: dGate", "overlaps dUp"});
}

TEST_P(Misuse, OfRows) {
    const Tensor x = f32({5, 4});
    expectInvalid(
        [&] {
            backend().gatherRows(context(), x, i32(3), f32({2, 4}));
        },
        {"gatherRows: y is float32 [2, 4] but x is float32 [5, 4] and rows is int32 [3]"});
    expectInvalid(
        [&] {
            backend().gatherRows(context(), x, f32({3}), f32({3, 4}));
        },
        {"gatherRows: rows is float32 [3]"});
    expectInvalid(
        [&] {
            backend().scatterAddRows(context(), f32({6, 4}), i32(6), x);
        },
        {"scatterAddRows: dY is float32 [6, 4]", "float32 [5, 4]"});
    expectInvalid(
        [&] {
            backend().embedding(context(), i32(3), x, f32({3, 5}));
        },
        {"embedding: y is float32 [3, 5] but ids is int32 [3] and table is float32 [5, 4]"});
    expectInvalid(
        [&] {
            backend().embedding(context(), i32(3), Weight(), f32({3, 5}));
        },
        {"embedding: table is absent"});
}

TEST_P(Misuse, OfMatrixProducts) {
    const Tensor x = f32({5, 4}), weight = f32({3, 6}), y = f32({5, 3});
    expectInvalid([&] { backend().matmul(context(), x, weight, y); },
                  {"matmul: x is float32 [5, 4] but weight is float32 [3, 6]"});
    expectInvalid(
        [&] {
            backend().matmul(context(), f32({5, 6}), weight, f32({5, 4}));
        },
        {"matmul: y is float32 [5, 4] but x is float32 [5, 6] and weight is float32 [3, 6]"});
    expectInvalid([&] { backend().matmul(context(), i32(5), weight, y); }, {"matmul: x is int32 [5]"});
    expectInvalid(
        [&] {
            backend().matmulBackwardInput(context(), x, weight, f32({5, 6}));
        },
        {"matmulBackwardInput: dY is float32 [5, 4] but weight is float32 [3, 6]"});
    expectInvalid(
        [&] {
            backend().matmulBackwardWeight(context(), x, f32({6, 2}), f32({4, 2}));
        },
        {"matmulBackwardWeight: dY is float32 [5, 4] but x is float32 [6, 2]"});
    expectInvalid(
        [&] {
            backend().matmulBackwardWeight(context(), x, f32({5, 2}), bf16({4, 2}));
        },
        {"matmulBackwardWeight: dW is bfloat16 [4, 2], expected float32"});
    expectInvalid([&] { backend().matmul(context(), x, f32({5, 4}), x); }, {"matmul: y is", "float32 [5, 4]"});
    const Tensor square = f32({4, 4});
    expectInvalid([&] { backend().matmul(context(), square, f32({4, 4}), square); }, {"matmul: y", "overlaps x"});
}

TEST_P(Misuse, OfQuantizedWeights) {
    QuantizedTensor weight{QuantType::Nf4, 64, {3, 100}, {}, {}, {}, {}, {}, 0};
    const Tensor y = f32({3, 100});
    expectInvalid([&] { backend().dequantize(context(), weight, y); },
                  {"dequantize: the codes of weight, nf4 [3, 100] in blocks of 64", "absent"});
    weight.codes = output(DType::U8, {150});
    expectInvalid([&] { backend().dequantize(context(), weight, y); }, {"the codebook", "expected float32 [16]"});
    weight.codebook = f32({16});
    weight.absmax = f32({4});
    expectInvalid([&] { backend().dequantize(context(), weight, y); }, {"the absmax", "float32 [4]", "[5]"});
    weight.absmax = output(DType::U8, {5});
    weight.nestedAbsmax = f32({1});
    expectInvalid([&] { backend().dequantize(context(), weight, y); }, {"the nestedMap", "expected float32 [256]"});
    weight.blocksize = 0;
    expectInvalid([&] { backend().dequantize(context(), weight, y); }, {"nf4 [3, 100] with a blocksize of 0"});
}

TEST_P(Misuse, OfNormalisation) {
    const Tensor x = f32({5, 4}), weight = f32({4}), y = f32({5, 4}), rstd = f32({5});
    expectInvalid([&] { backend().rmsNorm(context(), x, f32({5}), 1e-5f, y, rstd); },
                  {"rmsNorm: weight is float32 [5] but x is float32 [5, 4]"});
    expectInvalid(
        [&] {
            backend().rmsNorm(context(), x, weight, 1e-5f, bf16({5, 4}), rstd);
        },
        {"rmsNorm: x is float32"});
    expectInvalid([&] { backend().rmsNorm(context(), x, weight, -1.0f, y, rstd); }, {"rmsNorm: epsilon is -1"});
    expectInvalid([&] { backend().rmsNorm(context(), x, weight, 1e-5f, x, rstd); }, {"rmsNorm: y", "overlaps x"});
    expectInvalid(
        [&] {
            backend().rmsNormBackward(context(), y, x, weight, f32({4}), f32({5, 4}), Output::Add);
        },
        {"rmsNormBackward: rstd is float32 [4]"});
    const Tensor table = f32({7, 2});
    expectInvalid([&] { backend().rope(context(), x, 3, table, table, i32(5)); }, {"rope: x is float32 [5, 4]", "3"});
    expectInvalid([&] { backend().rope(context(), x, 2, table, table, i32(5)); }, {"rope: cosines is float32 [7, 2]"});
    expectInvalid([&] { backend().rope(context(), x, 4, table, table, i32(4)); }, {"rope: positions is int32 [4]"});
    expectInvalid([&] { backend().rope(context(), x, 4, table, f32({6, 2}), i32(5)); }, {"rope: cosines", "[6, 2]"});
}

TEST_P(Misuse, OfAttention) {
    const Tensor q = f32({5, 8}), k = f32({5, 4}), v = f32({5, 4}), out = f32({5, 8}), logSumExp = f32({2, 5});
    const Tensor offsets = input({0, 5});
    const SequenceLayout layout{offsets, offsets, 5, 5};
    const AttentionSpec spec{.heads = 2, .kvHeads = 1, .headDim = 4};
    const auto attend = [&](const SequenceLayout& l, const AttentionSpec& s) {
        backend().attention(context(), q, k, v, l, s, out, logSumExp);
    };
    attend(layout, spec);
    expectInvalid([&] { attend(layout, {.heads = 3, .kvHeads = 2, .headDim = 4}); }, {"3 query heads, 2 key heads"});
    expectInvalid([&] { attend(layout, {.heads = 4, .kvHeads = 1, .headDim = 4}); },
                  {"attention: q is float32 [5, 8]", "4 and 1 heads of 4"});
    expectInvalid([&] { attend(layout, {.heads = 2, .kvHeads = 1, .headDim = 4, .window = -1}); }, {"window is -1"});
    expectInvalid([&] { attend({offsets, offsets, 6, 5}, spec); }, {"longestQuery is 6"});
    expectInvalid([&] { attend({offsets, offsets, 5, 0}, spec); }, {"longestKey is 0"});
    expectInvalid(
        [&] {
            attend({offsets, i32(3), 5, 5}, spec);
        },
        {"queryOffsets is int32 [2]", "keyOffsets is int32 [3]"});
    expectInvalid([&] { attend({f32({2}), offsets, 5, 5}, spec); }, {"queryOffsets is float32 [2], expected int32"});
    expectInvalid(
        [&] {
            backend().attention(context(), q, k, v, layout, spec, out, f32({5, 2}));
        },
        {"attention: logSumExp is float32 [5, 2]"});
    expectInvalid([&] { backend().attention(context(), q, k, v, layout, spec, q, logSumExp); },
                  {"attention: out", "overlaps q"});
    expectInvalid(
        [&] {
            backend().attentionBackward(context(), f32({5, 8}), q, k, v, out, logSumExp, layout, spec, f32({5, 8}),
                                        f32({5, 8}), f32({5, 4}));
        },
        {"attentionBackward: k is float32 [5, 4] but dK is float32 [5, 8]"});
}

TEST_P(Misuse, OfLossAndOptimizer) {
    const Tensor logits = f32({3, 7}), losses = f32({3}), one = f32({1}), p = f32({4}), m = f32({4}), v = f32({4});
    expectInvalid([&] { backend().crossEntropy(context(), logits, i32(4), losses); },
                  {"crossEntropy: targets is int32 [4] but logits is float32 [3, 7]"});
    expectInvalid(
        [&] {
            backend().crossEntropy(context(), logits, i32(3), losses, f32({3, 6}));
        },
        {"crossEntropy: logits is float32 [3, 7] but dLogits is float32 [3, 6]"});
    expectInvalid([&] { backend().sum(context(), bf16({4}), one); }, {"sum: x is bfloat16 [4], expected float32"});
    expectInvalid([&] { backend().sum(context(), p, f32({2})); }, {"sum: result is float32 [2], expected float32 [1]"});
    expectInvalid([&] { backend().sum(context(), one, one); }, {"sum: result", "overlaps x"});
    expectInvalid([&] { backend().clipFactor(context(), one, -1.0f, f32({1}), f32({1})); }, {"maxNorm is -1"});
    expectInvalid([&] { backend().adamW(context(), f32({5}), one, {}, p, m, v); },
                  {"adamW: parameter is float32 [4] but gradient is float32 [5]"});
    expectInvalid([&] { backend().adamW(context(), f32({4}), one, {.step = 0}, p, m, v); }, {"adamW: step is 0"});
    expectInvalid([&] { backend().adamW(context(), f32({4}), one, {}, p, m, m); }, {"adamW: m", "overlaps v"});
}

} // namespace
} // namespace lorikeet
