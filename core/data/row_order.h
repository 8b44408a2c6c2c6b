// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/random.h"

namespace lorikeet {

/// The numbers 0 .. count-1 in a random order that the stream determines (Fisher-Yates from the end).
std::vector<int64_t> randomOrder(int64_t count, const RandomStream& random);

/// Rows apart for training and for evaluation.
struct EvalSplit {
    std::vector<int64_t> train, eval; ///< indices into what was split, ascending
};

/// Takes round(fraction * count) of the numbers 0 .. count-1 out for evaluation, at least one where fraction > 0, at
/// most count - 1. The seed determines which. Throws BadConfig where fraction is not in [0, 1), or where it is more
/// than 0 and there are fewer than two rows.
EvalSplit splitForEvaluation(int64_t count, double fraction, uint64_t seed);

/// Part of a row: tokens [begin, end).
struct RowPart {
    int64_t row = 0, begin = 0, end = 0;

    int64_t length() const { return end - begin; }
    bool operator==(const RowPart&) const = default;
};

/// Parts, grouped: group i is parts [offsets[i], offsets[i + 1]).
struct PartGroups {
    std::vector<RowPart> parts;
    std::vector<int64_t> offsets{0};

    int64_t size() const { return int64_t(offsets.size()) - 1; }
    std::span<const RowPart> operator[](int64_t group) const;
};

/// Packs of at most `capacity` tokens: each part goes, in order, into the first pack with room. Packs come in the order
/// in which they were opened. A part longer than `capacity` throws InvalidArgument.
PartGroups packFirstFit(std::span<const RowPart> parts, int64_t capacity);

} // namespace lorikeet
