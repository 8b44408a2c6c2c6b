// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "core/tensor/quantized_tensor.h"

namespace lorikeet {

/// Elements that the kernels take at once: counts must be multiples of it.
inline constexpr int64_t kKernelElements = 32;

/// The largest bit pattern of |x[i]|: the absolute maximum, or at least 0x7f800000 where one is infinite or NaN.
uint32_t largestMagnitudeBits(const float* x, int64_t count);

/// Codes of one block whose absolute maximum is given (a tail padded with zeros): count / 2 bytes for the 4-bit types,
/// count bytes for Int8.
void codeBlock(QuantType type, const float* x, int64_t count, float absmax, uint8_t* codes);

} // namespace lorikeet
