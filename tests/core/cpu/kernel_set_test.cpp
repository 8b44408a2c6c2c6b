// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "core/base/error.h"
#include "core/cpu/peak_rates.h"

namespace lorikeet {
namespace {

TEST(KernelSetChoice, AutoChoosesASetOfThisProcessorOnce) {
    const KernelSet chosen = chooseKernelSet("auto");
    EXPECT_TRUE(processorHas(chosen));
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(chooseKernelSet("auto"), chosen);
}

TEST(KernelSetChoice, NamesReadBackAsTheirSet) {
    for (const KernelSet set :
         {KernelSet::Amx, KernelSet::Avx512Bf16, KernelSet::Avx512, KernelSet::Avx2, KernelSet::Portable}) {
        if (processorHas(set))
            EXPECT_EQ(chooseKernelSet(kernelSetName(set)), set);
        else
            EXPECT_THROW(chooseKernelSet(kernelSetName(set)), Error);
    }
    EXPECT_TRUE(processorHas(KernelSet::Portable));
}

TEST(KernelSetChoice, RefusesAnUnknownName) {
    try {
        chooseKernelSet("mmx");
        FAIL() << "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::BadConfig);
        EXPECT_NE(error.message().find("mmx"), std::string::npos);
    }
}

TEST(PeakRates, AreMeasuredForBothTypes) {
    ThreadPool pool(2);
    for (const KernelSet set : {KernelSet::Portable, chooseKernelSet("auto")}) {
        const PeakRates rates = measurePeakRates(set, pool);
        // No processor that runs this is slower than 10 MFLOP/s, nor faster than 1 PFLOP/s.
        EXPECT_GT(rates.float32, 1e7);
        EXPECT_LT(rates.float32, 1e15);
        EXPECT_GT(rates.bfloat16, 1e7);
        EXPECT_LT(rates.bfloat16, 1e15);
    }
}

} // namespace
} // namespace lorikeet
