// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>

#include "core/backend/operations.h"

namespace lorikeet {

/// The sequences of a SequenceLayout by their offsets on the host.
struct SequenceOffsets {
    std::span<const int32_t> queries; ///< [S+1]
    std::span<const int32_t> keys;    ///< [S+1]
};

/// What the operations of a device book as Workspace while they run: bytes, told from shapes, types and offsets alone;
/// no element of a tensor is read. Operations without a function here need none. Any thread.
class WorkspaceSizes {
public:
    virtual ~WorkspaceSizes() = default;
    virtual int64_t matmul(const Tensor& x, const Weight& weight) const = 0;
    virtual int64_t matmulBackwardInput(const Tensor& dY, const Weight& weight) const = 0;
    virtual int64_t matmulBackwardWeight(const Tensor& dY, const Tensor& x) const = 0;
    virtual int64_t attention(const SequenceOffsets& sequences, const AttentionSpec& spec) const = 0;
    virtual int64_t attentionBackward(const SequenceOffsets& sequences, const AttentionSpec& spec) const = 0;
};

} // namespace lorikeet
