// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/backend/conformance/backend_cases.h"

#include "core/cpu/cpu_backend.h"

namespace lorikeet {

std::vector<BackendCase> backendCases() {
    std::vector<BackendCase> cases;
    for (const KernelSet set : {KernelSet::Avx512Bf16, KernelSet::Avx512, KernelSet::Avx2, KernelSet::Portable}) {
        if (!processorHas(set))
            continue;
        const std::string kernels(kernelSetName(set));
        for (const int threads : {1, 2, 3})
            cases.push_back({"cpu_" + kernels + "_" + std::to_string(threads),
                             [=] { return std::make_unique<CpuBackend>(threads, kernels); }});
    }
    return cases;
}

} // namespace lorikeet
