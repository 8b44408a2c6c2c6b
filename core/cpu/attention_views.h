// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/operations.h"
#include "core/cpu/real.h"

namespace lorikeet {

/// The tensors of one attention call, as its kernels walk them.
struct AttentionViews {
    DType type;
    AttentionSpec spec;
    int64_t queries; ///< T
    std::byte *q, *k, *v, *out;
    float* logSumExp; ///< [H, T]
    std::byte *dOut = nullptr, *dQ = nullptr, *dK = nullptr, *dV = nullptr;
    float* delta = nullptr; ///< [H, T], the dot products of out and dOut

    AttentionViews(const Tensor& qTensor, const Tensor& kTensor, const Tensor& vTensor, const Tensor& outTensor,
                   const Tensor& logSumExpTensor, const AttentionSpec& attentionSpec)
        : type(qTensor.dtype), spec(attentionSpec), queries(qTensor.shape[0]), q(qTensor.data), k(kTensor.data),
          v(vTensor.data), out(outTensor.data), logSumExp(elementsOf<float>(logSumExpTensor)) {}

    /// Row `row` of query head `head` in a tensor [T, H*D].
    template <typename T>
    T* query(std::byte* tensor, int64_t row, int head) const {
        return reinterpret_cast<T*>(tensor) + (row * spec.heads + head) * spec.headDim;
    }
    /// Row `row` of key/value head `kvHead` in a tensor [Tk, G*D].
    template <typename T>
    T* kvKey(std::byte* tensor, int64_t row, int kvHead) const {
        return reinterpret_cast<T*>(tensor) + (row * spec.kvHeads + kvHead) * spec.headDim;
    }
    /// The same for the one that query head `head` reads.
    template <typename T>
    T* key(std::byte* tensor, int64_t row, int head) const {
        return kvKey<T>(tensor, row, head / (spec.heads / spec.kvHeads));
    }
};

} // namespace lorikeet
