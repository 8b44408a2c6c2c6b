// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/phrase.h"
#include "core/formats/tensor_file.h"
#include "core/model/blocksizes.h"
#include "core/model/model_config.h"
#include "core/tensor/memory_ledger.h"
#include "core/train/run_config.h"

namespace lorikeet {

class WorkspaceSizes;

/// The peak memory of runs over one model and one set of rows; what has been planned once is remembered. One thread at
/// a time.
class MemoryPlanner {
public:
    /// `tables` as for planMemory; `lengths` are the tokens of the rows, none where they are not known,
    /// `evaluationLengths` those of the rows for evaluation. `workspace` is the device's; null: none is counted.
    /// `blocksizes` are those of a checkpoint that is quantized already, where its layers differ.
    MemoryPlanner(ModelConfig model, StoredType tables, std::vector<int32_t> lengths,
                  std::vector<int32_t> evaluationLengths = {}, std::shared_ptr<const WorkspaceSizes> workspace = {},
                  Blocksizes blocksizes = {});

    /// Of all that the run computes, over its largest micro-batch. The "lora" object must be complete. Throws BadConfig
    /// where its targets fit no layer, or a micro-batch has more than kMostBatchTokens.
    MemoryByTag peak(const RunConfig& config);

private:
    ModelConfig m_model;
    StoredType m_tables;
    std::vector<int32_t> m_lengths;           ///< descending
    std::vector<int32_t> m_evaluationLengths; ///< descending
    std::shared_ptr<const WorkspaceSizes> m_workspace;
    Blocksizes m_blocksizes;
    std::map<std::string, MemoryByTag> m_planned;
};

/// One change that could make a run smaller.
struct RunChange {
    std::string setting;                   ///< "training.gradient_checkpointing true"
    Phrase label;                          ///< "Turn gradient checkpointing on"
    double slower = 1.0;                   ///< what it multiplies the run's time by, roughly
    std::function<void(RunConfig&)> apply; ///< to a run that it has been offered for
};

/// The changes that a run leaves open, in the order in which they cost quality: paging and checkpointing, which change
/// no bit; fewer rows at a time (another order of sums); 8-bit optimizer, bfloat16, LoRA instead of a full finetuning,
/// double quantization, NF4, shorter rows, rank. A base model that is quantized already (`isStored`) stays as it is.
std::vector<RunChange> smallerRuns(const RunConfig& config, bool isStored = false);

/// One step on the way to a run that fits.
struct FitStep : RunChange {
    int64_t peak = 0; ///< bytes after it
};

struct FitPlan {
    std::vector<FitStep> steps; ///< none where the run fits already, or where nothing makes it fit
    RunConfig config;           ///< after all steps; where nothing makes it fit, the smallest
    int64_t peak = 0;           ///< of it, in bytes
    bool fits = false;
};

/// The fewest of smallerRuns(), in their order, with which a run stays within `limit` bytes.
FitPlan makeItFit(MemoryPlanner& planner, const RunConfig& config, int64_t limit, bool isStored = false);

} // namespace lorikeet
