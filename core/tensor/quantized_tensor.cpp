// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tensor/quantized_tensor.h"

namespace lorikeet {

std::string_view quantTypeName(QuantType type) {
    switch (type) {
    case QuantType::None:
        return "none";
    case QuantType::Nf4:
        return "nf4";
    case QuantType::Fp4:
        return "fp4";
    case QuantType::Int4:
        return "int4";
    case QuantType::Int8:
        return "int8";
    case QuantType::Q8_0:
        return "q8_0";
    }
    return "unknown";
}

} // namespace lorikeet
