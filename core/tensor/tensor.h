// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tensor/dtype.h"
#include "core/tensor/shape.h"

namespace lorikeet {

/// A view of contiguous, row-major elements in a device's memory. Owns nothing; the Storage behind it must outlive
/// it. The host never follows `data`: only a Backend does. An empty tensor (data == nullptr) stands for "absent".
struct Tensor {
    std::byte* data = nullptr;
    DType dtype = DType::F32;
    Shape shape;

    explicit operator bool() const { return data != nullptr; }
    int64_t elements() const { return shape.elements(); }
    std::size_t bytes() const { return std::size_t(elements()) * dtypeSize(dtype); }

    /// Rows [begin, end) of the outermost dimension, sharing memory. Throws InvalidArgument beyond the shape.
    Tensor rows(int64_t begin, int64_t end) const;
    /// The same elements under another shape of as many elements, else InvalidArgument.
    Tensor reshaped(const Shape& newShape) const;
    /// "float32 [512, 576]"
    std::string text() const;
};

} // namespace lorikeet
