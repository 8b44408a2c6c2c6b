// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>

#include <hwy/targets.h>

#include "core/base/error.h"
#include "core/cpu/matrix_kernels.h"
#include "core/cpu/peak_rates.h"

namespace lorikeet {
namespace {

constexpr std::array kKernelSets{KernelSet::Amx, KernelSet::Avx512Bf16, KernelSet::Avx512, KernelSet::Avx2,
                                 KernelSet::Portable};

/// The set that multiplies bfloat16 operands fastest. Only measuring tells: some processors run bfloat16 instructions
/// at half the rate of float32 ones, others at twice it.
KernelSet fastestSet() {
    KernelSet fastest = KernelSet::Portable;
    double best = 0.0;
    for (const KernelSet set : kKernelSets) {
        if (!processorHas(set) || set == KernelSet::Portable)
            continue;
        // A later set must be clearly faster, so that noise does not choose between equals.
        const double rate = measurePeakRates(set).bfloat16;
        if (rate > 1.1 * best) {
            fastest = set;
            best = rate;
        }
    }
    return fastest;
}

} // namespace

std::string_view kernelSetName(KernelSet set) {
    switch (set) {
    case KernelSet::Amx:
        return "amx";
    case KernelSet::Avx512Bf16:
        return "avx512bf16";
    case KernelSet::Avx512:
        return "avx512";
    case KernelSet::Avx2:
        return "avx2";
    case KernelSet::Portable:
        return "portable";
    }
    return "unknown";
}

bool processorHas(KernelSet set) {
    switch (set) {
    case KernelSet::Amx:
        return processorHas(KernelSet::Avx512) && processorHasAmx();
    case KernelSet::Avx512Bf16:
        return processorHas(KernelSet::Avx512) && processorMultipliesBfloat16();
    case KernelSet::Avx512:
        return (hwy::SupportedTargets() & HWY_AVX3) != 0;
    case KernelSet::Avx2:
        return (hwy::SupportedTargets() & HWY_AVX2) != 0;
    case KernelSet::Portable:
        return true;
    }
    return false;
}

KernelSet chooseKernelSet(std::string_view name) {
    if (name == "auto") {
        static const KernelSet kFastest = fastestSet();
        return kFastest;
    }
    for (const KernelSet set : kKernelSets) {
        if (name != kernelSetName(set))
            continue;
        if (!processorHas(set))
            fail(ErrorCode::BadConfig, "kernels: this processor cannot run {}", name);
        return set;
    }
    fail(ErrorCode::BadConfig, "kernels: {} is none of auto, amx, avx512bf16, avx512, avx2, portable", name);
}

} // namespace lorikeet
