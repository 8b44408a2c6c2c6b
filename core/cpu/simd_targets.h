// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <type_traits>

#include "core/cpu/cpu_backend.h"

// To include before <hwy/foreach_target.h> in a file that Highway compiles once per target: AVX-512, AVX2 and the
// compiler's baseline, one for each KernelSet.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)

namespace lorikeet {

/// The function of a backend's kernel set; a set that this processor's family lacks is null and falls back.
template <typename Function>
Function* chooseKernel(KernelSet set, std::type_identity_t<Function*> avx512, std::type_identity_t<Function*> avx2,
                       Function* portable) {
    if (set <= KernelSet::Avx512 && avx512)
        return avx512;
    if (set <= KernelSet::Avx2 && avx2)
        return avx2;
    return portable;
}

/// To use once all targets are compiled (HWY_ONCE). Which target runs is the backend's choice, not the process's, so
/// that a run can be repeated to the bit with the set that it recorded.
#define LORIKEET_KERNEL(set, FUNCTION)                                                                                 \
    chooseKernel(set, HWY_CHOOSE_AVX3(FUNCTION), HWY_CHOOSE_AVX2(FUNCTION), HWY_CHOOSE_FALLBACK(FUNCTION))

} // namespace lorikeet
