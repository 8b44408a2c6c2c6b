// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cpu/attention_blocks.h"

namespace lorikeet {

/// The packed keys and values of a batch, as the backward reads them.
struct GradientPanels {
    AttentionPanels keys;         ///< [kKeyBlock, padded D]
    AttentionPanels keyColumns;   ///< [D, kKeyBlock]
    AttentionPanels valueColumns; ///< [D, kKeyBlock]
};

/// Queries of a sequence in whole blocks.
inline int64_t paddedQueries(const AttentionSequence& sequence) {
    return (sequence.queries + kQueryBlock - 1) / kQueryBlock * kQueryBlock;
}

/// The float32 copies and sums of one sequence and query head; each row is padded D wide.
struct HeadGradients {
    float *q, *dOut, *dQ; ///< [padded queries, padded D]
    float* delta;         ///< [padded queries]
    float *dK, *dV;       ///< [keys in whole blocks, padded D], this head's share

    /// Cuts `scratch`, `rows` * (3 * padded + 1) elements.
    HeadGradients(float* scratch, int64_t rows, int64_t padded, float* dKShare, float* dVShare)
        : q(scratch), dOut(q + rows * padded), dQ(dOut + rows * padded), delta(dQ + rows * padded), dK(dKShare),
          dV(dVShare) {}
};

} // namespace lorikeet
