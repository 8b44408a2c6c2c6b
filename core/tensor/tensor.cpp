// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tensor/tensor.h"

#include "core/base/error.h"

namespace lorikeet {

Tensor Tensor::rows(int64_t begin, int64_t end) const {
    if (shape.rank() == 0 || begin < 0 || end < begin || end > shape[0])
        fail(ErrorCode::InvalidArgument, "rows [{}, {}) of a tensor {}", begin, end, text());
    Tensor view = *this;
    const int64_t rowElements = shape[0] == 0 ? 0 : elements() / shape[0];
    if (data)
        view.data = data + std::size_t(begin * rowElements) * dtypeSize(dtype);
    switch (shape.rank()) {
    case 1:
        view.shape = {end - begin};
        break;
    case 2:
        view.shape = {end - begin, shape[1]};
        break;
    case 3:
        view.shape = {end - begin, shape[1], shape[2]};
        break;
    default:
        view.shape = {end - begin, shape[1], shape[2], shape[3]};
        break;
    }
    return view;
}

Tensor Tensor::reshaped(const Shape& newShape) const {
    if (newShape.elements() != shape.elements())
        fail(ErrorCode::InvalidArgument, "reshape: {} has not as many elements as {}", text(), newShape.text());
    Tensor view = *this;
    view.shape = newShape;
    return view;
}

std::string Tensor::text() const {
    return std::string(dtypeName(dtype)) + " " + shape.text();
}

} // namespace lorikeet
