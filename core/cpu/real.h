// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/tensor/tensor.h"

namespace lorikeet {

/// Stored forms of an activation, apart as types so that loads and stores can be chosen by them.
struct Bfloat16 {
    uint16_t bits;
};
struct Float16 {
    uint16_t bits;
};

template <typename T>
T* elementsOf(const Tensor& tensor) {
    return reinterpret_cast<T*>(tensor.data);
}

/// Element `index` of a tensor as a raw address, for kernels that learn the type at run time.
inline std::byte* elementAt(const Tensor& tensor, int64_t index) {
    return tensor.data + std::size_t(index) * dtypeSize(tensor.dtype);
}

} // namespace lorikeet
