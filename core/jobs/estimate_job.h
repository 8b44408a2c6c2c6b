// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/jobs/workshop.h"
#include "core/tensor/memory_ledger.h"
#include "core/train/run_config.h"

namespace lorikeet {

struct EstimateResult {
    MemoryByTag peak;
    bool fits = false;
    std::string device;
    int64_t deviceMemory = 0; ///< bytes
    std::vector<std::string> advice =
        {}; ///< what would make it fit, or smaller: "training.gradient_checkpointing true: 1200 MB"
};

/// The peak of a run before it starts: of its longest micro-batch, with the data's lengths where the file is there,
/// else with max_length throughout. Throws Cancelled on a stop while the data is read.
EstimateResult estimateRun(Workshop& workshop, const RunConfig& config, std::stop_token stop = {});

/// One way to keep what trains, and what the run then needs.
struct EstimateVariant {
    std::string name; ///< a word of training.optim
    int64_t total = 0;
};

/// A device's memory and the first variant that fits it, of those that this program trains with.
struct EstimateDevice {
    int gigabytes = 0;   ///< of 2^30 bytes, as such devices are sold
    std::string variant; ///< empty: none
};

/// A known model's shape with the QLoRA paper's settings. Nothing but `fits` counts the workspace of operations.
struct EstimateTableRow {
    std::string model;                ///< "7B"
    MemoryByTag peak;                 ///< with adamw_32bit
    bool fits = false;                ///< this machine, with the workspace of its operations
    std::optional<double> paperBytes; ///< as the paper's figure 6 says; 70B is younger
    int64_t bfloat16Adapters = 0;     ///< adamw_32bit with adapters in 16 bits, as the paper had; not trained here
    std::vector<EstimateVariant> variants;
    std::vector<EstimateDevice> devices;
};

/// Of a device's memory, what its driver and the workspace of its operations are taken to need.
inline constexpr int64_t kDeviceReserve = int64_t(512) << 20;

/// Llama 7B, 13B, 33B and 65B, and 70B with grouped queries, at batch 1, 512 tokens, rank 64, NF4 with double
/// quantization, and devices of 8 to 80 GB. Adapters are float32 but in bfloat16Adapters, which alone can be compared
/// with the paper's figures; it is below them by 13 % for 7B, 7 % for 13B, 4 % for 33B, and equal for 65B.
std::vector<EstimateTableRow> estimateTable(Workshop& workshop);

} // namespace lorikeet
