// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/loss_watch.h"

#include <cmath>

#include <gtest/gtest.h>

#include "core/base/random.h"

namespace lorikeet {
namespace {

constexpr int64_t kVocabulary = 49152; // ln = 10.8

/// Steps until it says that the run has diverged; 0: never.
template <typename Loss>
int64_t divergesAt(int64_t steps, Loss loss) {
    LossWatch watch(kVocabulary);
    for (int64_t step = 1; step <= steps; ++step) {
        watch.add(loss(step));
        if (watch.hasDiverged())
            return step;
    }
    return 0;
}

TEST(LossWatch, NoNoiseOfARealRunIsADivergence) {
    const RandomStream random{7, RandomPurpose::Sampling, 0, 0};
    // Short rows: single losses between a twentieth and four times their mean.
    EXPECT_EQ(divergesAt(20000, [&](int64_t step) { return 1.2 * std::exp(0.6 * random.normal(uint64_t(step))); }), 0);
    EXPECT_EQ(divergesAt(1000, [](int64_t step) { return step % 50 == 0 ? 30.0 : 1.0; }), 0)
        << "a bad row now and then";
    EXPECT_EQ(divergesAt(1000, [](int64_t step) { return 0.001 + 9.0 * double(step % 2); }), 0);
    EXPECT_EQ(divergesAt(1000, [](int64_t step) { return step < 100 ? 1.0 : 7.0; }), 0) << "worse, but still a guess";
    EXPECT_EQ(divergesAt(1000, [](int64_t) { return 14.0; }), 0) << "text that the model is sure to be wrong about";
    EXPECT_EQ(divergesAt(1000, [&](int64_t step) { return 14.0 + random.normal(uint64_t(step)); }), 0);
}

TEST(LossWatch, ALossThatStaysWorseThanAnEvenGuessIsOne) {
    EXPECT_EQ(divergesAt(1000, [](int64_t step) { return step < 100 ? 1.0 : 12.0; }), 109);
    const int64_t runaway = divergesAt(1000, [](int64_t step) { return 1.0 * std::pow(1.3, double(step)); });
    EXPECT_GT(runaway, 8);
    EXPECT_LT(runaway, 14);
    EXPECT_NE(divergesAt(1000, [](int64_t step) { return step < 100 ? 14.0 : 30.0; }), 0);
    EXPECT_NE(divergesAt(1000, [](int64_t step) { return step < 3 ? 9.0 : 1000.0; }), 0);
}

TEST(LossWatch, GoesOnFromItsStateAsIfNothingHadBeen) {
    LossWatch whole(kVocabulary), first(kVocabulary), second(kVocabulary);
    for (int step = 0; step < 10; ++step) {
        whole.add(3.0 + step % 3);
        first.add(3.0 + step % 3);
    }
    second.restore(first.state());
    whole.add(2.0);
    second.add(2.0);
    EXPECT_EQ(second.state(), whole.state());
    EXPECT_EQ(second.smoothed(), whole.smoothed());
}

TEST(LossWatch, ALossBeyondTheBoundIsTold) {
    LossWatch watch(kVocabulary);
    EXPECT_FALSE(watch.isBeyond(1e9)) << "nothing to compare with";
    watch.add(2.0);
    EXPECT_FALSE(watch.isBeyond(10.0));
    EXPECT_TRUE(watch.isBeyond(11.0));
}

} // namespace
} // namespace lorikeet
