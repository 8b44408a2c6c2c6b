// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lorikeet {

/// The type of one element of a Tensor.
enum class DType : uint8_t { F32, BF16, F16, I32, U8, I8 };

constexpr std::size_t dtypeSize(DType dtype) {
    switch (dtype) {
    case DType::F32:
    case DType::I32:
        return 4;
    case DType::BF16:
    case DType::F16:
        return 2;
    case DType::U8:
    case DType::I8:
        return 1;
    }
    return 0;
}

/// "float32", "bfloat16", ..., as run files and checkpoints write it.
std::string_view dtypeName(DType dtype);

} // namespace lorikeet
