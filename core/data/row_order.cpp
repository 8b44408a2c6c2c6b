// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/row_order.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "core/base/error.h"

namespace lorikeet {

namespace {

/// The room left in each pack, as a binary tree of maxima, so that the first pack with enough is found in log(packs).
class RoomTree {
public:
    explicit RoomTree(int64_t packs) : m_leaves(std::bit_ceil(std::size_t(std::max<int64_t>(packs, 1)))) {
        m_room.assign(2 * m_leaves, 0);
    }

    void set(int64_t pack, int64_t room) {
        std::size_t node = m_leaves + std::size_t(pack);
        m_room[node] = room;
        while ((node /= 2) > 0)
            m_room[node] = std::max(m_room[2 * node], m_room[2 * node + 1]);
    }

    int64_t room(int64_t pack) const { return m_room[m_leaves + std::size_t(pack)]; }

    /// The first pack with at least `length` of room. There is one.
    int64_t firstWith(int64_t length) const {
        std::size_t node = 1;
        while (node < m_leaves)
            node = m_room[2 * node] >= length ? 2 * node : 2 * node + 1;
        return int64_t(node - m_leaves);
    }

private:
    std::size_t m_leaves;
    std::vector<int64_t> m_room;
};

/// Sorts parts into groups, each in the order in which the parts came. groupOf[i] is the group of parts[i].
PartGroups grouped(std::span<const RowPart> parts, std::span<const int64_t> groupOf, int64_t groups) {
    PartGroups result;
    result.parts.resize(parts.size());
    result.offsets.assign(std::size_t(groups) + 1, 0);
    for (const int64_t group : groupOf)
        result.offsets[std::size_t(group) + 1] += 1;
    std::partial_sum(result.offsets.begin(), result.offsets.end(), result.offsets.begin());
    std::vector<int64_t> next(result.offsets.begin(), result.offsets.end() - 1);
    for (std::size_t i = 0; i < parts.size(); ++i)
        result.parts[std::size_t(next[std::size_t(groupOf[i])]++)] = parts[i];
    return result;
}

} // namespace

std::span<const RowPart> PartGroups::operator[](int64_t group) const {
    const auto begin = std::size_t(offsets[std::size_t(group)]), end = std::size_t(offsets[std::size_t(group) + 1]);
    return std::span(parts).subspan(begin, end - begin);
}

std::vector<int64_t> randomOrder(int64_t count, const RandomStream& random) {
    std::vector<int64_t> order(static_cast<std::size_t>(count));
    std::iota(order.begin(), order.end(), int64_t(0));
    for (int64_t i = count - 1; i > 0; --i)
        std::swap(order[std::size_t(i)], order[std::size_t(random.below(uint64_t(i), uint64_t(i) + 1))]);
    return order;
}

EvalSplit splitForEvaluation(int64_t count, double fraction, uint64_t seed) {
    if (!(fraction >= 0.0 && fraction < 1.0))
        fail(ErrorCode::BadConfig, "data.eval_fraction: it is {}, allowed is 0 to less than 1", fraction);
    if (fraction > 0.0 && count < 2)
        fail(ErrorCode::BadConfig, "data.eval_fraction: {} row(s) cannot be divided", count);
    EvalSplit split;
    int64_t held = std::llround(fraction * double(count));
    if (fraction > 0.0)
        held = std::clamp<int64_t>(held, 1, count - 1);
    const RandomStream random{seed, RandomPurpose::EvalSplit, 0, 0};
    const std::vector<int64_t> order = randomOrder(count, random);
    std::vector<bool> isHeld(std::size_t(count), false);
    for (int64_t i = 0; i < held; ++i)
        isHeld[std::size_t(order[std::size_t(i)])] = true;
    for (int64_t i = 0; i < count; ++i)
        (isHeld[std::size_t(i)] ? split.eval : split.train).push_back(i);
    return split;
}

PartGroups packFirstFit(std::span<const RowPart> parts, int64_t capacity) {
    RoomTree rooms(int64_t(parts.size()));
    for (int64_t i = 0; i < int64_t(parts.size()); ++i)
        rooms.set(i, capacity);
    std::vector<int64_t> packOf;
    packOf.reserve(parts.size());
    int64_t packs = 0;
    for (const RowPart& part : parts) {
        if (part.length() > capacity)
            fail(ErrorCode::InvalidArgument, "packing: a part of row {} has {} tokens, a pack holds {}", part.row,
                 part.length(), capacity);
        const int64_t pack = rooms.firstWith(part.length());
        rooms.set(pack, rooms.room(pack) - part.length());
        packOf.push_back(pack);
        packs = std::max(packs, pack + 1);
    }
    return grouped(parts, packOf, packs);
}

} // namespace lorikeet
