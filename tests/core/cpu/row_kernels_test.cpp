// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

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

} // namespace
} // namespace lorikeet
