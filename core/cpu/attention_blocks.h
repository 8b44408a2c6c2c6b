// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <vector>

#include "core/backend/operations.h"
#include "core/cpu/real.h"

namespace lorikeet {

/// One sequence of a batch within attention's tensors.
struct AttentionSequence {
    int64_t queryBegin = 0;
    int64_t queries = 0;
    int64_t keyBegin = 0;
    int64_t keys = 0;

    /// The position of the sequence's first query among its keys.
    int64_t firstPosition() const { return keys - queries; }
    /// The keys [keysFrom, keysTo) that the query at `position` sees.
    int64_t keysFrom(int64_t position, const AttentionSpec& spec) const {
        return spec.window > 0 ? std::clamp<int64_t>(position - spec.window + 1, 0, keys) : 0;
    }
    int64_t keysTo(int64_t position, const AttentionSpec& spec) const {
        return spec.causal ? std::clamp<int64_t>(position + 1, 0, keys) : keys;
    }
};

/// Rows [begin, end) of one sequence: queries or keys.
struct AttentionBlock {
    AttentionSequence sequence;
    int64_t begin = 0;
    int64_t end = 0;
};

/// The sequences of a layout cut into blocks of at most `rows` queries or keys.
template <typename Count>
std::vector<AttentionBlock> cutSequences(const SequenceLayout& layout, int64_t rows, Count count) {
    const int32_t* queryOffsets = elementsOf<const int32_t>(layout.queryOffsets);
    const int32_t* keyOffsets = elementsOf<const int32_t>(layout.keyOffsets);
    std::vector<AttentionBlock> blocks;
    for (int64_t s = 0; s + 1 < layout.queryOffsets.shape[0]; ++s) {
        const AttentionSequence sequence{queryOffsets[s], queryOffsets[s + 1] - queryOffsets[s], keyOffsets[s],
                                         keyOffsets[s + 1] - keyOffsets[s]};
        for (int64_t begin = 0; begin < count(sequence); begin += rows)
            blocks.push_back({sequence, begin, std::min(begin + rows, count(sequence))});
    }
    return blocks;
}

inline std::vector<AttentionBlock> queryBlocks(const SequenceLayout& layout, int64_t rows) {
    return cutSequences(layout, rows, [](const AttentionSequence& sequence) { return sequence.queries; });
}

inline std::vector<AttentionBlock> keyBlocks(const SequenceLayout& layout, int64_t rows) {
    return cutSequences(layout, rows, [](const AttentionSequence& sequence) { return sequence.keys; });
}

} // namespace lorikeet
