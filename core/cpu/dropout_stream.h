// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cpu/random_blocks.h"

namespace lorikeet {

/// What a dropout's kernel needs to know of its random numbers.
struct DropoutStream {
    float p;    ///< dropped where the uniform number is below
    float kept; ///< 1 / (1 - p)
    RandomBlocks random;
};

} // namespace lorikeet
