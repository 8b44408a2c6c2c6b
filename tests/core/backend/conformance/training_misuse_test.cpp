// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "tests/core/backend/conformance/conformance.h"

namespace lorikeet {
namespace {

/// What must be refused of the operations that training alone needs.
class TrainingMisuse : public Conformance {
protected:
    Tensor f32(const Shape& shape) { return inOut(DType::F32, shape, Values(std::size_t(shape.elements()), 1.0)); }
    Tensor bf16(const Shape& shape) { return inOut(DType::BF16, shape, Values(std::size_t(shape.elements()), 1.0)); }
    Tensor i32(int64_t count) { return input(std::vector<int32_t>(std::size_t(count), 0)); }
};
LORIKEET_CONFORMANCE(TrainingMisuse);

TEST_P(TrainingMisuse, OfColumns) {
    const Tensor x = f32({5, 4});
    expectInvalid([&] { backend().sumRows(context(), x, f32({5})); },
                  {"sumRows: sums is float32 [5] but x is float32 [5, 4]"});
    expectInvalid([&] { backend().sumRows(context(), x, bf16({4})); }, {"sumRows: sums is bfloat16 [4]"});
    expectInvalid([&] { backend().scaleColumns(context(), x, f32({5}), x); },
                  {"scaleColumns: factors is float32 [5] but x is float32 [5, 4]"});
    expectInvalid(
        [&] {
            backend().scaleColumns(context(), x, f32({4}), f32({4, 5}));
        },
        {"scaleColumns: x is float32 [5, 4] but y is float32 [4, 5]"});
    expectInvalid(
        [&] {
            backend().columnDots(context(), x, bf16({5, 4}), f32({4}));
        },
        {"columnDots: a is float32 [5, 4] but b is bfloat16 [5, 4]"});
    expectInvalid(
        [&] {
            backend().columnDots(context(), x, f32({5, 4}), x.rows(0, 1).reshaped({4}));
        },
        {"columnDots: dots", "overlaps a"});
    expectInvalid([&] { backend().divide(context(), x, f32({19}), x); },
                  {"divide: a is float32 [5, 4] but b is float32 [19]"});
    expectInvalid([&] { backend().divide(context(), x, bf16({20}), x); }, {"divide: b is bfloat16 [20]"});
    const Tensor offsets = input({0, 5});
    for (const float alpha : {-1.0f, std::nanf(""), INFINITY})
        expectInvalid([&] { backend().addNoise(context(), offsets, alpha, {}, x); }, {"addNoise: alpha is"});
    expectInvalid([&] { backend().addNoise(context(), i32(1), 1.0f, {}, x); },
                  {"addNoise: offsets is int32 [1] but y is float32 [5, 4]"});
    expectInvalid([&] { backend().addNoise(context(), offsets, 1.0f, {}, f32({20})); },
                  {"addNoise: y is float32 [20]"});
}

TEST_P(TrainingMisuse, OfGradientsOfWeights) {
    const Tensor x = f32({5, 4}), table = f32({7, 4});
    expectInvalid(
        [&] {
            backend().embeddingBackward(context(), f32({3, 4}), i32(5), table);
        },
        {"embeddingBackward: dY is float32 [3, 4] but ids is int32 [5] and dTable is float32 [7, 4]"});
    expectInvalid(
        [&] {
            backend().embeddingBackward(context(), x, i32(5), bf16({7, 4}));
        },
        {"embeddingBackward: dTable is bfloat16 [7, 4], expected float32"});
    expectInvalid(
        [&] {
            backend().rmsNormBackwardWeight(context(), x, f32({5, 4}), f32({5}), f32({5}));
        },
        {"rmsNormBackwardWeight: dWeight is float32 [5] but x is float32 [5, 4]"});
    expectInvalid(
        [&] {
            backend().rmsNormBackwardWeight(context(), x, f32({5, 4}), f32({4}), f32({4}));
        },
        {"rmsNormBackwardWeight: rstd is float32 [4]"});
    expectInvalid(
        [&] {
            backend().rowNorms(context(), table, f32({2, 4}), f32({7, 3}), 1.0f, f32({7}));
        },
        {"rowNorms: a is float32 [2, 4] and b is float32 [7, 3] but weight is float32 [7, 4]"});
    expectInvalid([&] { backend().rowNorms(context(), table, f32({2, 4}), {}, 1.0f, f32({7})); }, {"rowNorms: b is"});
    expectInvalid([&] { backend().rowNorms(context(), table, {}, {}, 1.0f, f32({4})); },
                  {"rowNorms: norms is float32 [4] but weight is float32 [7, 4]"});
}

TEST_P(TrainingMisuse, OfEightBitMoments) {
    const Tensor p = f32({300}), g = f32({300}), one = f32({1});
    const auto bytes = [&](int64_t count) { return inOut(DType::U8, {count}, Values(std::size_t(count), 0.0)); };
    const Moments8Bit moments{bytes(300), f32({2}), bytes(300), f32({2})};
    const auto step = [&](const Tensor& gradient, const AdamWStep& parts, const Moments8Bit& state) {
        backend().adamW8Bit(context(), gradient, one, parts, p, state);
    };
    expectInvalid([&] { step(f32({299}), {}, moments); },
                  {"adamW8Bit: parameter is float32 [300] but gradient is float32 [299]"});
    expectInvalid([&] { step(g, {.step = 0}, moments); }, {"adamW8Bit: step is 0"});
    expectInvalid(
        [&] {
            step(g, {}, {bytes(300), f32({1}), bytes(300), f32({2})});
        },
        {"adamW8Bit: mAbsmax is float32 [1] but parameter is float32 [300]; expected [2]"});
    expectInvalid(
        [&] {
            step(g, {}, {f32({300}), f32({2}), bytes(300), f32({2})});
        },
        {"adamW8Bit: m is float32 [300], expected uint8"});
    expectInvalid(
        [&] {
            step(g, {}, {moments.m, moments.mAbsmax, moments.m, moments.vAbsmax});
        },
        {"adamW8Bit: v", "overlaps m"});
}

} // namespace
} // namespace lorikeet
