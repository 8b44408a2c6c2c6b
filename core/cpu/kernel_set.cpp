// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>

#include <hwy/targets.h>

#include "core/base/error.h"
#include "core/cpu/cpu_backend.h"

namespace lorikeet {
namespace {

constexpr std::array kKernelSets{KernelSet::Avx512Bf16, KernelSet::Avx512, KernelSet::Avx2, KernelSet::Portable};

} // namespace

std::string_view kernelSetName(KernelSet set) {
    switch (set) {
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
    case KernelSet::Avx512Bf16:
        return false;
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
        for (const KernelSet set : kKernelSets)
            if (processorHas(set))
                return set;
    }
    for (const KernelSet set : kKernelSets) {
        if (name != kernelSetName(set))
            continue;
        if (!processorHas(set))
            fail(ErrorCode::BadConfig, "kernels: this processor cannot run {}", name);
        return set;
    }
    fail(ErrorCode::BadConfig, "kernels: {} is none of auto, avx512bf16, avx512, avx2, portable", name);
}

} // namespace lorikeet
