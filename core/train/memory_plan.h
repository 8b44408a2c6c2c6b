// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/backend/backend.h"
#include "core/formats/tensor_file.h"
#include "core/model/blocksizes.h"
#include "core/model/model_config.h"
#include "core/tensor/memory_ledger.h"
#include "core/train/run_config.h"

namespace lorikeet {

class WorkspaceSizes;

/// A micro-batch by its sizes: tokens of each sequence, and how many of all tokens are trained.
struct BatchSizes {
    std::vector<int64_t> lengths;
    int64_t targets = 0;

    int64_t tokens() const;
};

/// More tokens would not fit any device, and would take long to count.
inline constexpr int64_t kMostBatchTokens = int64_t(1) << 21;

/// The most that a micro-batch of a run can hold, every token trained, as StepPlanner::longestMicroBatch() finds it:
/// from the lengths of its rows, or from max_length alone where `rowLengths` is empty. Throws BadConfig, naming the
/// key, where it has more than kMostBatchTokens.
BatchSizes largestBatch(std::span<const int32_t> rowLengths, const RunConfig& config);
/// The same of the rows for evaluation, which are not cut into steps.
BatchSizes largestEvaluationBatch(std::span<const int32_t> rowLengths, const RunConfig& config);

/// The largest of everything that a run computes.
struct RunSizes {
    BatchSizes training;
    BatchSizes evaluation = {}; ///< no lengths: it evaluates nothing
    int64_t sampleTokens = 0;   ///< the longest prompt and max_new_tokens; 0: it draws no samples
    Blocksizes blocksizes = {}; ///< of the linear layers where they differ, and are known; else likely ones are taken
};

/// The largest of a run, by the tokens of its rows; without `evaluationLengths` no evaluation is larger than training.
/// A prompt is taken to have a token for three bytes, and a few of a template around it.
RunSizes largestSizes(std::span<const int32_t> rowLengths, std::span<const int32_t> evaluationLengths,
                      const RunConfig& config, const ModelConfig& model);

/// How many values a run would train. Its "lora" object must be complete. Throws BadConfig where its targets fit no
/// layer of the model.
int64_t trainableParameters(const ModelConfig& model, const RunConfig& config);

/// The peak bytes by tag of a run: a step, an evaluation and a sample themselves run, on a backend that only keeps
/// accounts and books for each operation what `workspace` tells (null: nothing). The run's "lora" object must be
/// complete; `tables` is how the model's file stores embedding and head.
MemoryByTag planMemory(const ModelConfig& model, StoredType tables, const RunConfig& config, const RunSizes& sizes,
                       const WorkspaceSizes* workspace = nullptr);

/// The peak bytes by tag of the same on any backend, over weights without contents.
MemoryByTag measureRun(Backend& backend, const ModelConfig& model, StoredType tables, const RunConfig& config,
                       const RunSizes& sizes);

} // namespace lorikeet
