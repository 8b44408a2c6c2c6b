// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

#include "core/backend/backend.h"
#include "core/data/data_config.h"

namespace lorikeet {

class BaseModel;
class Dataset;
class LoraAdapter;
struct DatasetScan;
struct TokenBatch;

/// The rows of an evaluation: scan.usedRows[i] for the i in `selection`, all where that is empty. Owns nothing.
struct EvaluationRows {
    const Dataset* dataset = nullptr;
    const DatasetScan* scan = nullptr;
    std::vector<int64_t> selection = {};
    DataConfig data = {}; ///< how its rows are cut into micro-batches

    explicit operator bool() const { return dataset != nullptr; }
};

/// The sum of a batch's losses and how many targets it has.
struct LossSum {
    double sum = 0.0;
    int64_t targets = 0;

    double mean() const { return targets > 0 ? sum / double(targets) : 0.0; }
};

/// The negative log-probabilities (natural) of a batch's targets, in order. adapter may be null. Throws Cancelled on a
/// stop, polled per layer.
std::vector<float> lossesOf(ExecutionContext& context, const BaseModel& base, const LoraAdapter* adapter,
                            const TokenBatch& batch, std::stop_token stop = {});

/// Loss over the trained tokens of all rows, without dropout; the same bits on any number of threads. adapter may be
/// null. `batchSize` rows are computed at once. Throws Cancelled on a stop, polled per layer.
LossSum evaluateLoss(ExecutionContext& context, const BaseModel& base, const LoraAdapter* adapter,
                     const EvaluationRows& rows, int64_t batchSize, std::stop_token stop = {});

} // namespace lorikeet
