// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tensor/shape.h"

#include "core/base/error.h"

namespace lorikeet {

Shape::Shape(std::initializer_list<int64_t> dims) {
    if (dims.size() > std::size_t(kMaxRank))
        fail(ErrorCode::InvalidArgument, "shape: {} dimensions, at most {} are possible", dims.size(), kMaxRank);
    int64_t product = 1;
    for (int64_t dim : dims) {
        if (dim < 0 || __builtin_mul_overflow(product, dim, &product))
            fail(ErrorCode::InvalidArgument, "shape: dimension {} is negative or too large", dim);
        m_dims[std::size_t(m_rank++)] = dim;
    }
}

int64_t Shape::elements() const {
    int64_t product = 1;
    for (int axis = 0; axis < m_rank; ++axis)
        product *= m_dims[std::size_t(axis)];
    return product;
}

std::string Shape::text() const {
    std::string text = "[";
    for (int axis = 0; axis < m_rank; ++axis)
        text += (axis ? ", " : "") + std::to_string(m_dims[std::size_t(axis)]);
    return text + "]";
}

} // namespace lorikeet
