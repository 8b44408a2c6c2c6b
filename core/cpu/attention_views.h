// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cpu/attention_blocks.h"

namespace lorikeet {

/// The tensors of one attention call, as its kernels walk them.
struct AttentionViews {
    DType type;
    AttentionSpec spec;
    int64_t queries; ///< T
    std::byte *q, *k, *v, *out;
    float* logSumExp; ///< [H, T]
    std::byte *dOut = nullptr, *dQ = nullptr, *dK = nullptr, *dV = nullptr;

    AttentionViews(const Tensor& qTensor, const Tensor& kTensor, const Tensor& vTensor, const Tensor& outTensor,
                   const Tensor& logSumExpTensor, const AttentionSpec& attentionSpec)
        : type(qTensor.dtype), spec(attentionSpec), queries(qTensor.shape[0]), q(qTensor.data), k(kTensor.data),
          v(vTensor.data), out(outTensor.data), logSumExp(elementsOf<float>(logSumExpTensor)) {}

    /// The key/value head that a query head reads.
    int kvHead(int head) const { return head / (spec.heads / spec.kvHeads); }
    /// Elements from one token's row to the next, of [T, H*D] and [Tk, G*D].
    int64_t queryStride() const { return int64_t(spec.heads) * spec.headDim; }
    int64_t keyStride() const { return int64_t(spec.kvHeads) * spec.headDim; }

    template <typename T>
    T* queryRow(std::byte* tensor, int64_t row, int head) const {
        return reinterpret_cast<T*>(tensor) + row * queryStride() + int64_t(head) * spec.headDim;
    }
    template <typename T>
    T* keyRow(std::byte* tensor, int64_t row, int kvHeadIndex) const {
        return reinterpret_cast<T*>(tensor) + row * keyStride() + int64_t(kvHeadIndex) * spec.headDim;
    }
};

} // namespace lorikeet
