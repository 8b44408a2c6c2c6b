// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cpu/bfloat16_kernels.h"

namespace lorikeet {

bool processorMultipliesBfloat16() {
    return __builtin_cpu_supports("avx512bf16") != 0;
}

PanelKernels bfloat16PanelKernels(KernelSet set) {
    if (set == KernelSet::Amx)
        return amxKernels();
    return set == KernelSet::Avx512Bf16 ? avx512Bfloat16Kernels() : floatPanelKernels(set);
}

} // namespace lorikeet
