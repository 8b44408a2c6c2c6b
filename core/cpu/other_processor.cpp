// SPDX-License-Identifier: GPL-3.0-or-later
// What x86_processor.cpp tells, on processors of other families.
#include "core/cpu/bfloat16_kernels.h"

namespace lorikeet {

bool processorMultipliesBfloat16() {
    return false;
}

bool processorHasAmx() {
    return false;
}

PanelKernels bfloat16PanelKernels(KernelSet set) {
    return floatPanelKernels(set);
}

} // namespace lorikeet
