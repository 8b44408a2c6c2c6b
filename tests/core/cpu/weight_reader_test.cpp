// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cpu/weight_reader.h"

#include <gtest/gtest.h>

#include "tests/core/cpu/made_weight.h"

namespace lorikeet {
namespace {

constexpr float kGuard = 77.0f;

void expectReads(const MadeWeight& made, const std::string& form, int64_t first, int64_t count, bool rounded) {
    std::vector<float> values(static_cast<std::size_t>(count) + 2, kGuard);
    WeightReader(made.weight(), rounded ? ReadAs::Bfloat16 : ReadAs::Float32).read(first, count, values.data() + 1);
    EXPECT_EQ(values.front(), kGuard) << form;
    EXPECT_EQ(values.back(), kGuard) << form;
    for (int64_t i = 0; i < count; ++i)
        ASSERT_EQ(values[std::size_t(i) + 1], made.value(first + i, rounded))
            << form << ", element " << first + i << " of a run from " << first << " of " << count;
}

TEST(WeightReader, ReadsEveryFormFromEveryPlace) {
    for (const WeightForm& form : allWeightForms()) {
        // 37 * 577 elements: odd, so blocks cross rows and the last byte of 4-bit codes is half used.
        const MadeWeight made(form, 37, 577, 5);
        const int64_t all = made.weight().shape().elements();
        for (const bool rounded : {false, true}) {
            expectReads(made, form.text(), 0, all, rounded);
            for (const int64_t first : {1, 15, 31, 64, 577, 4095, 20000})
                for (const int64_t count : {1, 2, 16, 33, 64, 577})
                    expectReads(made, form.text(), first, count, rounded);
            expectReads(made, form.text(), all - 1, 1, rounded);
        }
    }
}

} // namespace
} // namespace lorikeet
