// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
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
    int64_t deviceMemory = 0;             ///< bytes
    std::vector<std::string> advice = {}; ///< what would make it fit, or smaller: "gradient_checkpointing true: 1.2 GB"
};

/// The peak of a run before it starts: of its longest micro-batch, with the data's lengths where the file is there,
/// else with max_length throughout. Throws Cancelled on a stop while the data is read.
EstimateResult estimateRun(Workshop& workshop, const RunConfig& config, std::stop_token stop = {});

/// A known model's shape with the QLoRA paper's settings.
struct EstimateTableRow {
    std::string model; ///< "7B"
    MemoryByTag peak;
    bool fits = false;
};

/// Llama 7B, 13B, 33B and 65B at batch 1, 512 tokens, rank 64.
std::vector<EstimateTableRow> estimateTable(Workshop& workshop);

} // namespace lorikeet
