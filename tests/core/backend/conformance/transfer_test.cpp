// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstring>

#include "core/base/error.h"
#include "tests/core/backend/conformance/conformance.h"

namespace lorikeet {
namespace {

class Transfer : public Conformance {};
LORIKEET_CONFORMANCE(Transfer);

TEST_P(Transfer, WhatGoesUpComesDown) {
    for (const int64_t count : {1, 3, 1000, 300001}) {
        std::vector<uint8_t> bytes(static_cast<std::size_t>(count)), back(bytes.size());
        for (std::size_t i = 0; i < bytes.size(); ++i)
            bytes[i] = uint8_t(i * 7 + i / 256);
        const Storage tensor = context().allocate(DType::U8, {count}, MemoryTag::Data);
        backend().upload(context(), bytes.data(), tensor);
        const std::vector<uint8_t> sent = bytes;
        std::fill(bytes.begin(), bytes.end(), uint8_t(0)); // the host's memory is its own again
        backend().download(context(), tensor, back.data());
        EXPECT_EQ(back, sent);
    }
}

TEST_P(Transfer, CopyCopiesEveryTypeOfAnyLength) {
    for (const DType type : {DType::F32, DType::BF16, DType::F16})
        for (const int64_t count : {1, 7, 100003}) {
            const Values x = normal(type, count);
            const Tensor y = output(type, {count});
            backend().copy(context(), input(type, {1, count}, x), y);
            EXPECT_EQ(read(y), x);
        }
}

TEST_P(Transfer, FillSetsEveryElement) {
    for (const DType type : {DType::F32, DType::BF16, DType::I32})
        for (const int64_t count : {1, 7, 40003}) {
            const Tensor y = output(type, {count});
            backend().fill(context(), y, -3.0f);
            EXPECT_EQ(read(y), Values(std::size_t(count), -3.0));
        }
}

TEST_P(Transfer, FillSetsBytes) {
    const Tensor y = output(DType::U8, {40003});
    backend().fill(context(), y, 127.0f);
    EXPECT_EQ(read(y), Values(40003, 127.0));
}

TEST_P(Transfer, EmptyTensorsPassThrough) {
    const Storage nothing = context().allocate(DType::F32, {0, 4}, MemoryTag::Workspace);
    const Storage noRows = context().allocate(DType::I32, {0}, MemoryTag::Workspace);
    const Storage weight = context().allocate(DType::F32, {4}, MemoryTag::Workspace);
    const Storage rstd = context().allocate(DType::F32, {0}, MemoryTag::Workspace);
    const Tensor absent{nullptr, DType::F32, {0, 4}};
    backend().upload(context(), nullptr, nothing);
    backend().download(context(), nothing, nullptr);
    backend().copy(context(), nothing, absent);
    backend().fill(context(), nothing, 1.0f);
    backend().add(context(), nothing, nothing, nothing);
    backend().rmsNorm(context(), nothing, weight, 1e-5f, absent, rstd);
    backend().gatherRows(context(), nothing, noRows, absent);
    backend().crossEntropy(context(), nothing, noRows, rstd);
    backend().synchronize(context());
}

TEST_P(Transfer, SumsOfNothingAreZero) {
    const Storage nothing = context().allocate(DType::F32, {0}, MemoryTag::Workspace);
    const Tensor assigned = output(DType::F32, {1}), added = inOut(DType::F32, {1}, {5});
    backend().sum(context(), nothing, assigned);
    backend().sumOfSquares(context(), nothing, added, Output::Add);
    EXPECT_EQ(read(assigned), (Values{0}));
    EXPECT_EQ(read(added), (Values{5}));
}

TEST_P(Transfer, ProductsOverNothingAreZero) {
    const Storage x = context().allocate(DType::F32, {2, 0}, MemoryTag::Workspace);
    const Storage weight = context().allocate(DType::F32, {3, 0}, MemoryTag::Workspace);
    const Storage noTokens = context().allocate(DType::F32, {0, 3}, MemoryTag::Workspace);
    const Tensor y = output(DType::F32, {2, 3}), dW = output(DType::F32, {3, 3});
    const Tensor sum = inOut(DType::F32, {2, 3}, {1, 2, 3, 4, 5, 6});
    backend().matmul(context(), x, weight.view(), y);
    backend().matmul(context(), x, weight.view(), sum, 1.0f, Output::Add);
    backend().matmulBackwardWeight(context(), noTokens, noTokens, dW);
    EXPECT_EQ(read(y), Values(6, 0.0));
    EXPECT_EQ(read(sum), (Values{1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(read(dW), Values(9, 0.0));
}

TEST_P(Transfer, TellsItsMemoryAndKernels) {
    EXPECT_GT(backend().totalMemory(), int64_t(1) << 28);
    EXPECT_FALSE(backend().kernels().empty());
    EXPECT_FALSE(backend().name().empty());
}

TEST_P(Transfer, BooksMemoryAndRefusesTheImpossible) {
    const int64_t before = backend().ledger().live().total();
    {
        const Storage x = context().allocate(DType::BF16, {1000}, MemoryTag::Logits);
        EXPECT_EQ(backend().ledger().live()[MemoryTag::Logits], 2000);
    }
    EXPECT_EQ(backend().ledger().live().total(), before);
    try {
        const Storage x = context().allocate(DType::F32, {int64_t(1) << 55}, MemoryTag::Weights);
        ADD_FAILURE() << "allocated " << x.view().text();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::OutOfMemory);
    }
    EXPECT_EQ(backend().ledger().live().total(), before);
}

} // namespace
} // namespace lorikeet
