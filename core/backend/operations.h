// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/random.h"
#include "core/tensor/quantized_tensor.h"

namespace lorikeet {

/// Whether an operation writes its output or adds to it.
enum class Output : uint8_t { Assign, Add };

/// The nonlinearity of a gated feed-forward layer.
enum class Activation : uint8_t { Silu, GeluTanh };

/// How attention looks at a stream of tokens. T, Tk: all queries, all keys of the batch.
struct AttentionSpec {
    int heads = 1;      ///< H query heads
    int kvHeads = 1;    ///< G key/value heads; H is a multiple of G, query head h reads h / (H / G)
    int headDim = 1;    ///< D
    float scale = 1.0f; ///< on q.k, usually 1/sqrt(D)
    bool causal = true; ///< query i of a sequence sees keys up to its own position
    int window = 0;     ///< sees only the last `window` keys, its own included; 0: all
};

/// The sequences of a batch: sequence s has queries [queryOffsets[s], queryOffsets[s+1]) and keys [keyOffsets[s],
/// keyOffsets[s+1]). Its queries are the last ones of its keys: with Lq queries and Lk keys, query i stands at
/// position Lk - Lq + i. Without a KV cache both tensors are the same.
struct SequenceLayout {
    Tensor queryOffsets; ///< I32 [S+1]
    Tensor keyOffsets;   ///< I32 [S+1]
    int64_t longestQuery = 0;
    int64_t longestKey = 0;
};

/// One step of AdamW; the corrections of the moments' bias follow from `step`.
struct AdamWStep {
    float learningRate = 0.0f;
    float beta1 = 0.9f;
    float beta2 = 0.999f;
    float epsilon = 1e-8f;
    float weightDecay = 0.0f;
    int64_t step = 1; ///< 1 for the first
};

/// Elements of a block of 8-bit moments.
inline constexpr int64_t kMomentBlocksize = 256;
/// The codes of 0 in the maps of first and of second moments.
inline constexpr uint8_t kZeroFirstMoment = 127;
inline constexpr uint8_t kZeroSecondMoment = 0;

/// AdamW's moments of n elements as codes of the dynamic maps of 256 values (core/quant/quantize.h), block-wise
/// (Dettmers et al., 8-bit Optimizers via Block-wise Quantization, 2021). In block b = i / 256 the first moment of
/// element i is signed map[m[i]] * mAbsmax[b], the second unsigned map[v[i]] * vAbsmax[b].
struct Moments8Bit {
    Tensor m;       ///< U8 [n]
    Tensor mAbsmax; ///< F32 [ceil(n / 256)]
    Tensor v;       ///< U8 [n]
    Tensor vAbsmax; ///< F32 [ceil(n / 256)]
};

} // namespace lorikeet
