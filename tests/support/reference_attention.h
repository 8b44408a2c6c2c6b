// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/backend/operations.h"
#include "tests/support/reference_gradient.h"

namespace lorikeet::reference {

/// Where sequences begin and end in the queries and in the keys.
struct Offsets {
    std::vector<int32_t> queries;
    std::vector<int32_t> keys;
};

struct Attention {
    Values out;       ///< [T, H*D]
    Values logSumExp; ///< [H, T]
};

/// Attention query by query, with the whole row of weights at hand.
Attention attention(const Values& q, const Values& k, const Values& v, const Offsets& offsets,
                    const AttentionSpec& spec);

struct AttentionGradients {
    Values dQ, dK, dV;
};

/// The gradients of sum(dOut * out), weight by weight: the chain rule through softmax written out.
AttentionGradients attentionGradients(const Values& dOut, const Values& q, const Values& k, const Values& v,
                                      const Offsets& offsets, const AttentionSpec& spec);

} // namespace lorikeet::reference
