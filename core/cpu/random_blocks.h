// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/random.h"

namespace lorikeet {

/// What a kernel needs to know to compute many blocks of a RandomStream at once.
struct RandomBlocks {
    std::array<uint32_t, 4> counter; ///< of a block; its first word is the block's number
    std::array<uint32_t, 2> key;
};

/// For the blocks of a tile that begins with `block`: they share the upper word of their number, since 2^32 is a
/// multiple of a tile's blocks.
inline RandomBlocks randomBlocks(const RandomStream& random, int64_t block) {
    return {random.counter(uint64_t(block)), random.key()};
}

} // namespace lorikeet
