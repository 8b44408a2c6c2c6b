// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/backend/conformance/backend_cases.h"

#include "core/cpu/cpu_backend.h"
#include "tests/support/walled_backend.h"

namespace lorikeet {

std::vector<BackendCase> backendCases() {
    std::vector<BackendCase> cases;
    for (const KernelSet set :
         {KernelSet::Amx, KernelSet::Avx512Bf16, KernelSet::Avx512, KernelSet::Avx2, KernelSet::Portable}) {
        if (!processorHas(set))
            continue;
        const std::string kernels(kernelSetName(set));
        for (const int threads : {1, 2, 3})
            cases.push_back({"cpu_" + kernels + "_" + std::to_string(threads),
                             [=] { return std::make_unique<CpuBackend>(threads, kernels); }});
        if (cases.size() > 3)
            continue;
        // Memory behind walls with the fastest kernels only: walls do not look at what is computed.
        cases.push_back(
            {"walled_" + kernels, [=] { return std::make_unique<WalledBackend>(WalledMode::Immediate, 2, kernels); }});
        cases.push_back(
            {"deferred_" + kernels, [=] { return std::make_unique<WalledBackend>(WalledMode::Deferred, 2, kernels); }});
    }
    return cases;
}

} // namespace lorikeet
