// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <vector>

#include "core/backend/workspace_sizes.h"
#include "core/cpu/real.h"

namespace lorikeet {

/// Rows that the micro-kernel of attention computes at once; blocks are multiples of it.
inline constexpr int64_t kAttentionRows = 6;
/// Queries and keys of a block: scores [24, 48] and a panel of keys of 64 channels fit a core's first cache.
inline constexpr int64_t kQueryBlock = 24;
inline constexpr int64_t kKeyBlock = 48;
static_assert(kQueryBlock % kAttentionRows == 0 && kKeyBlock % kAttentionRows == 0 && kKeyBlock % 16 == 0);

/// One sequence of a batch within attention's tensors.
struct AttentionSequence {
    int64_t queryBegin = 0;
    int64_t queries = 0;
    int64_t keyBegin = 0;
    int64_t keys = 0;
    int64_t firstKeyBlock = 0; ///< in keyBlocks() of the whole batch

    /// The keys [keysFrom, keysTo) that query i sees; it stands at position keys - queries + i.
    int64_t keysFrom(int64_t i, const AttentionSpec& spec) const {
        return spec.window > 0 ? std::clamp<int64_t>(keys - queries + i - spec.window + 1, 0, keys) : 0;
    }
    int64_t keysTo(int64_t i, const AttentionSpec& spec) const {
        return spec.causal ? std::clamp<int64_t>(keys - queries + i + 1, 0, keys) : keys;
    }
};

/// Rows [begin, end) of one sequence: queries or keys.
struct AttentionBlock {
    AttentionSequence sequence;
    int64_t begin = 0;
    int64_t end = 0;
};

inline std::vector<AttentionSequence> sequencesOf(const SequenceOffsets& offsets) {
    std::vector<AttentionSequence> sequences;
    int64_t keyBlocks = 0;
    for (std::size_t s = 0; s + 1 < offsets.queries.size(); ++s) {
        sequences.push_back({offsets.queries[s], offsets.queries[s + 1] - offsets.queries[s], offsets.keys[s],
                             offsets.keys[s + 1] - offsets.keys[s], keyBlocks});
        keyBlocks += (sequences.back().keys + kKeyBlock - 1) / kKeyBlock;
    }
    return sequences;
}

inline std::vector<AttentionSequence> sequencesOf(const SequenceLayout& layout) {
    const auto valuesOf = [](const Tensor& offsets) {
        return std::span(elementsOf<const int32_t>(offsets), std::size_t(offsets.elements()));
    };
    return sequencesOf(SequenceOffsets{valuesOf(layout.queryOffsets), valuesOf(layout.keyOffsets)});
}

/// Key blocks of all sequences together.
inline int64_t countKeyBlocks(const std::vector<AttentionSequence>& sequences) {
    return sequences.empty() ? 0 : sequences.back().firstKeyBlock + (sequences.back().keys + kKeyBlock - 1) / kKeyBlock;
}

inline std::vector<AttentionBlock> queryBlocks(const std::vector<AttentionSequence>& sequences) {
    std::vector<AttentionBlock> blocks;
    for (const AttentionSequence& sequence : sequences)
        for (int64_t begin = 0; begin < sequence.queries; begin += kQueryBlock)
            blocks.push_back({sequence, begin, std::min(begin + kQueryBlock, sequence.queries)});
    return blocks;
}

inline std::vector<AttentionBlock> keyBlocks(const std::vector<AttentionSequence>& sequences) {
    std::vector<AttentionBlock> blocks;
    for (const AttentionSequence& sequence : sequences)
        for (int64_t begin = 0; begin < sequence.keys; begin += kKeyBlock)
            blocks.push_back({sequence, begin, std::min(begin + kKeyBlock, sequence.keys)});
    return blocks;
}

/// Channels of a head in attention's own copies: full vectors of every kernel set.
inline int64_t paddedHeadDim(const AttentionSpec& spec) {
    return (spec.headDim + 15) / 16 * 16;
}

/// Keys or values of a batch as float32 in one panel for each (key block, key/value head): [kKeyBlock, padded D], or
/// transposed, [D, kKeyBlock]. What lies beyond a sequence's keys or the head's channels is zero.
struct AttentionPanels {
    float* data = nullptr;
    int64_t kvHeads = 0;
    int64_t panel = 0; ///< elements of one

    float* at(int64_t keyBlock, int64_t kvHead) const { return data + (keyBlock * kvHeads + kvHead) * panel; }
};

} // namespace lorikeet
