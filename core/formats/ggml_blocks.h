// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/formats/tensor_file.h"

namespace lorikeet {

/// Decodes `blocks` blocks of one of GGUF's block formats (Q4_0 to Q6_K) into blocks * storedBlock(type).elements
/// floats. Unaligned input is fine.
void decodeGgmlBlocks(StoredType type, const std::byte* input, int64_t blocks, float* out);

} // namespace lorikeet
