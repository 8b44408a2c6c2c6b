// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/backend/backend.h"
#include "core/formats/tensor_file.h"
#include "core/model/model_config.h"
#include "core/tensor/memory_ledger.h"
#include "core/train/run_config.h"

namespace lorikeet {

/// A micro-batch by its sizes: tokens of each sequence, and how many of all tokens are trained.
struct BatchSizes {
    std::vector<int64_t> lengths;
    int64_t targets = 0;

    int64_t tokens() const;
};

/// The most that a micro-batch of a run can hold, every token trained: from the lengths of its rows, or from
/// max_length alone where `rowLengths` is empty.
BatchSizes largestBatch(std::span<const int32_t> rowLengths, const RunConfig& config);

/// The peak bytes by tag of a training step: the step itself runs, on a backend that only keeps accounts. What a real
/// device needs within one operation comes on top. The run's "lora" object must be complete; `tables` is how the
/// model's file stores embedding and head.
MemoryByTag planMemory(const ModelConfig& model, StoredType tables, const RunConfig& config, const BatchSizes& batch);

/// The peak bytes by tag of such a step on any backend, over weights without contents.
MemoryByTag measureStep(Backend& backend, const ModelConfig& model, StoredType tables, const RunConfig& config,
                        const BatchSizes& batch);

} // namespace lorikeet
