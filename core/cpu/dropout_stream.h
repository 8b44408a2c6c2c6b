// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/random.h"

namespace lorikeet {

/// What a dropout's kernel needs to know of its random numbers.
struct DropoutStream {
    float p;                         ///< dropped where the uniform number is below
    float kept;                      ///< 1 / (1 - p)
    std::array<uint32_t, 4> counter; ///< of a block; its first word is the block's number
    std::array<uint32_t, 2> key;
};

} // namespace lorikeet
