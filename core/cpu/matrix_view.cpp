// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cpu/matrix_view.h"

namespace lorikeet {
namespace {

MatrixView::Form formOf(DType dtype) {
    if (dtype == DType::F32)
        return MatrixView::Form::F32;
    return dtype == DType::BF16 ? MatrixView::Form::BF16 : MatrixView::Form::F16;
}

MatrixView::Form formOf(QuantType type) {
    if (isFourBit(type))
        return MatrixView::Form::FourBit;
    return type == QuantType::Int8 ? MatrixView::Form::Int8 : MatrixView::Form::Q8_0;
}

const float* floatsOf(const Tensor& tensor) {
    return reinterpret_cast<const float*>(tensor.data);
}

} // namespace

MatrixView viewOf(const Tensor& tensor, ReadAs readAs) {
    MatrixView view;
    view.form = formOf(tensor.dtype);
    view.readAs = readAs;
    view.rows = tensor.shape[0];
    view.columns = tensor.shape[1];
    view.data = tensor.data;
    return view;
}

MatrixView viewOf(const Weight& weight, ReadAs readAs) {
    if (!weight.isQuantized())
        return viewOf(weight.dense, readAs);
    const QuantizedTensor& quantized = weight.quantized;
    MatrixView view;
    view.form = formOf(quantized.type);
    view.readAs = readAs;
    view.rows = quantized.shape[0];
    view.columns = quantized.shape[1];
    view.data = quantized.codes.data;
    view.blocksize = quantized.blocksize;
    view.codebook = floatsOf(quantized.codebook);
    if (quantized.doubleQuantized()) {
        view.absmaxCodes = reinterpret_cast<const uint8_t*>(quantized.absmax.data);
        view.nestedAbsmax = floatsOf(quantized.nestedAbsmax);
        view.nestedMap = floatsOf(quantized.nestedMap);
        view.nestedOffset = quantized.nestedOffset;
    } else {
        view.absmax = floatsOf(quantized.absmax);
    }
    return view;
}

} // namespace lorikeet
