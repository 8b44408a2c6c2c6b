// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <stop_token>

#include "core/model/device_batch.h"

namespace lorikeet {

class BaseModel;
class KvCache;
class LoraAdapter;

/// Rows of the output head that are computed at once: logits of a whole batch would not fit (512 rows of a
/// vocabulary of 49,152 are 100 MB in float32).
inline constexpr int64_t kHeadRows = 128;

/// How one pass over a micro-batch runs.
struct PassOptions {
    /// Keeps only each layer's input and computes the layer again in the backward pass: the same bits, less memory.
    bool gradientCheckpointing = false;
    float dropout = 0.0f; ///< on the adapters' input
    /// Of the noise on the embeddings (NEFTune, Jain et al. 2023); 0: none. See Backend::addNoise.
    float neftuneAlpha = 0.0f;
    /// Name the dropout masks and the noise: the run's seed, its step, the micro-batch within the step (below 65,536).
    uint64_t seed = 0;
    uint32_t step = 0;
    uint32_t microBatch = 0;
};

/// Forward, loss on the target rows, backward into the adapter's gradients (+=).
/// lossSum F32 [1] += lossScale * sum of the targets' negative log-probabilities (natural); gradients are those of
/// that sum. Give lossScale = 1 / (trained tokens of the step) for its mean. Everything stays on the device.
void lossAndGradients(ExecutionContext&, const BaseModel&, LoraAdapter&, const DeviceBatch&, float lossScale,
                      const PassOptions&, const Tensor& lossSum);

/// losses F32 [M] = each target's negative log-probability (natural), without dropout. adapter may be null. Throws
/// Cancelled on a stop, polled per layer and per kHeadRows targets.
void targetLosses(ExecutionContext&, const BaseModel&, const LoraAdapter*, const DeviceBatch&, const Tensor& losses,
                  std::stop_token stop = {});

/// logits F32 [M, V] at the target rows (targets are not used). adapter may be null.
void targetLogits(ExecutionContext&, const BaseModel&, const LoraAdapter*, const DeviceBatch&, const Tensor& logits);

/// Appends the tokens I32 [T] to the cache's sequence and gives the logits F32 [n, V] of its last n tokens (n from 1
/// to T). `tokens` are below the vocabulary size (the caller's promise). Throws InvalidArgument where the cache has
/// no room. adapter may be null.
void decode(ExecutionContext&, const BaseModel&, const LoraAdapter*, const Tensor& tokens, KvCache&,
            const Tensor& logits);

} // namespace lorikeet
