// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>

#include "core/backend/backend.h"

namespace lorikeet {

/// A micro-batch on the host: one stream of T tokens without padding, cut into sequences.
struct BatchSpans {
    std::span<const int32_t> tokens;     ///< [T]
    std::span<const int32_t> offsets;    ///< [S+1]: sequence s is tokens [offsets[s], offsets[s+1])
    std::span<const int32_t> positions;  ///< [T], from 0 in each sequence; empty: counted from the offsets
    std::span<const int32_t> targetRows; ///< [M], rising: rows whose next token counts in the loss
    std::span<const int32_t> targets;    ///< [M]: those next tokens
};

/// The same on a device, booked as Data. With what the host must know of it.
struct DeviceBatch {
    Storage tokens;     ///< I32 [T]
    Storage offsets;    ///< I32 [S+1]
    Storage positions;  ///< I32 [T]
    Storage targetRows; ///< I32 [M]
    Storage targets;    ///< I32 [M]
    int64_t longestSequence = 0;
    int64_t positionLimit = 0; ///< one more than the largest position

    int64_t tokenCount() const { return tokens.shape()[0]; }
    int64_t targetCount() const { return targetRows ? targetRows.shape()[0] : 0; }
    SequenceLayout layout() const;
};

/// Checks a batch (InvalidArgument with the offending value: ids in [0, vocabularySize), offsets from 0 to T, rows
/// rising and below T) and uploads it.
DeviceBatch uploadBatch(ExecutionContext&, const BatchSpans&, int vocabularySize);

} // namespace lorikeet
