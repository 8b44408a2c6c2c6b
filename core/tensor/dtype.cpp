// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tensor/dtype.h"

namespace lorikeet {

std::string_view dtypeName(DType dtype) {
    switch (dtype) {
    case DType::F32:
        return "float32";
    case DType::BF16:
        return "bfloat16";
    case DType::F16:
        return "float16";
    case DType::I32:
        return "int32";
    case DType::U8:
        return "uint8";
    case DType::I8:
        return "int8";
    }
    return "unknown";
}

} // namespace lorikeet
