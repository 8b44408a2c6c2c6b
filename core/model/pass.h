// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "core/base/error.h"
#include "core/model/adapter.h"
#include "core/model/base_model.h"
#include "core/model/decoder.h"

namespace lorikeet {

/// What all layers of one pass over a stream of T tokens share. Activations are of the base's compute type.
struct Pass {
    ExecutionContext& context;
    Backend& backend;
    const BaseModel& base;
    const LoraAdapter* adapter; ///< may be null; what it holds a copy of is used instead of the base's own
    Tensor positions;           ///< I32 [T]
    SequenceLayout layout;
    std::shared_ptr<const RopeTable> rope;
    PassOptions options;
    const KvCache* cache = nullptr; ///< where keys and values of earlier tokens are, and of these go
    std::stop_token stop = {};

    /// Throws Cancelled after a stop.
    void requireGoing() const {
        if (stop.stop_requested())
            fail(ErrorCode::Cancelled, "the pass over {} tokens was stopped", tokens());
    }
    int64_t tokens() const { return positions.shape[0]; }
    const ModelConfig& config() const { return base.config(); }
    /// The copy of a base's tensor that the adapter holds; may be null.
    const Parameter* copyOf(const BaseTensor& tensor) const { return adapter ? adapter->copyOf(tensor) : nullptr; }
    /// The embedding, the head or a linear layer's weight that the pass uses.
    Weight weight(const BaseTensor& tensor) const {
        const Parameter* copy = copyOf(tensor);
        return copy ? Weight(copy->value.view()) : base.weight(tensor);
    }
    /// The norm's weight or the bias that the pass uses; a layer may have no bias.
    Tensor vector(const BaseTensor& tensor) const {
        const Parameter* copy = copyOf(tensor);
        return copy ? copy->value.view() : base.vector(tensor);
    }
    /// [T, columns] in the compute type.
    Storage activations(int64_t columns) const {
        return context.allocate(base.computeType(), {tokens(), columns}, MemoryTag::Activations);
    }
    /// F32 [T]
    Storage rowStatistics() const { return context.allocate(DType::F32, {tokens()}, MemoryTag::Activations); }
};

} // namespace lorikeet
