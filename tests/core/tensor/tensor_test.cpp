// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tensor/tensor.h"

#include <array>

#include <gtest/gtest.h>

#include "core/base/error.h"

namespace lorikeet {
namespace {

TEST(Shape, CountsElementsAndPrintsItself) {
    const Shape shape{2, 3, 5};
    EXPECT_EQ(shape.elements(), 30);
    EXPECT_EQ(shape[-1], 5);
    EXPECT_EQ(shape.text(), "[2, 3, 5]");
    EXPECT_EQ(Shape{}.elements(), 1);
    EXPECT_EQ((Shape{4, 0}).elements(), 0);
}

TEST(Shape, RefusesWhatCannotBeCounted) {
    EXPECT_THROW((Shape{-1, 2}), Error);
    EXPECT_THROW((Shape{int64_t(1) << 40, int64_t(1) << 40}), Error);
    EXPECT_THROW((Shape{1, 1, 1, 1, 1}), Error);
}

TEST(Tensor, RowsShareMemoryAtTheirOffset) {
    std::array<float, 12> memory{};
    const Tensor tensor{reinterpret_cast<std::byte*>(memory.data()), DType::F32, {4, 3}};
    const Tensor rows = tensor.rows(1, 3);
    EXPECT_EQ(rows.shape, (Shape{2, 3}));
    EXPECT_EQ(reinterpret_cast<float*>(rows.data), memory.data() + 3);
    EXPECT_EQ(rows.bytes(), 24u);
    EXPECT_EQ(tensor.rows(4, 4).elements(), 0);
    EXPECT_THROW(tensor.rows(3, 5), Error);
    EXPECT_THROW(tensor.rows(3, 2), Error);
}

TEST(Tensor, ReshapingKeepsTheNumberOfElements) {
    std::array<uint16_t, 12> memory{};
    const Tensor tensor{reinterpret_cast<std::byte*>(memory.data()), DType::BF16, {4, 3}};
    EXPECT_EQ(tensor.reshaped({2, 6}).data, tensor.data);
    EXPECT_EQ(tensor.reshaped({2, 6}).bytes(), 24u);
    try {
        tensor.reshaped({5, 3});
        FAIL() << "a reshape to more elements was accepted";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::InvalidArgument);
        EXPECT_EQ(error.message(), "reshape: bfloat16 [4, 3] has not as many elements as [5, 3]");
    }
}

} // namespace
} // namespace lorikeet
