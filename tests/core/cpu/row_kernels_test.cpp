// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <cstring>

#include "core/cpu/matrix_kernels.h"
#include "tests/core/cpu/made_weight.h"

namespace lorikeet {
namespace {

constexpr float kGuard = 77.0f;

class RowKernelsOf : public testing::TestWithParam<KernelSet> {
protected:
    void SetUp() override {
        if (!processorHas(GetParam()))
            GTEST_SKIP() << "this processor lacks " << kernelSetName(GetParam());
    }
};

INSTANTIATE_TEST_SUITE_P(, RowKernelsOf,
                         testing::Values(KernelSet::Amx, KernelSet::Avx512Bf16, KernelSet::Avx512, KernelSet::Avx2,
                                         KernelSet::Portable),
                         [](const auto& set) { return std::string(kernelSetName(set.param)); });

TEST_P(RowKernelsOf, ReadEveryFormFromEveryPlace) {
    const RowKernels kernels = rowKernels(GetParam());
    constexpr int64_t kColumns = 577; // odd, so that blocks cross rows and rows begin within a byte
    for (const WeightForm& form : allWeightForms()) {
        const MadeWeight made(form, 37, kColumns, 5);
        for (const ReadAs readAs : {ReadAs::Float32, ReadAs::Bfloat16})
            for (const int64_t row : {0, 1, 17, 34})
                for (const int64_t column : {0, 1, 15, 64, 512})
                    for (const int64_t count : {1, 2, 31, 33, 65}) {
                        constexpr int64_t kRows = 3, kStride = 70;
                        std::vector<float> values(1 + kRows * kStride, kGuard);
                        kernels.read(viewOf(made.weight(), readAs), row, kRows, column, count, values.data() + 1,
                                     kStride);
                        for (int64_t i = 0; i < int64_t(values.size()); ++i) {
                            const int64_t r = (i - 1) / kStride, c = (i - 1) % kStride;
                            const bool inside = i > 0 && c < count;
                            const float expected =
                                inside ? made.value((row + r) * kColumns + column + c, readAs == ReadAs::Bfloat16)
                                       : kGuard;
                            ASSERT_EQ(values[std::size_t(i)], expected)
                                << form.text() << " from " << row << ", " << column << ", count " << count << ", value "
                                << i;
                        }
                    }
    }
}

TEST_P(RowKernelsOf, TransposeUnitsFromAnyAddress) {
    const RowKernels kernels = rowKernels(GetParam());
    constexpr int64_t kStride = 41;
    constexpr int kWidth = 37;
    for (const int64_t offset : {0, 1, 2, 3})
        for (const int64_t count : {1, 3, 16, 37})
            for (const int64_t depth : {1, 4, 39, 41}) {
                // Its end is the end of the last row, so that a sanitizer sees what is read beyond.
                const int64_t units = (count - 1) * kStride + depth;
                std::vector<std::byte> rows(std::size_t(offset + units * 4));
                for (int64_t i = 0; i < units; ++i) {
                    const auto value = float(i);
                    std::memcpy(rows.data() + offset + i * 4, &value, 4);
                }
                std::vector<float> panel(std::size_t(depth * kWidth), kGuard);
                kernels.transpose(rows.data() + offset, kStride, count, depth, kWidth, panel.data());
                for (int64_t d = 0; d < depth; ++d)
                    for (int64_t i = 0; i < kWidth; ++i)
                        ASSERT_EQ(panel[std::size_t(d * kWidth + i)], i < count ? float(i * kStride + d) : kGuard)
                            << "offset " << offset << ", count " << count << ", depth " << depth << ", unit " << d
                            << " of row " << i;
            }
}

} // namespace
} // namespace lorikeet
