// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tensor/quantized_tensor.h"

namespace lorikeet {

/// What becomes of values as they are read into float32: kept, or rounded to bfloat16.
enum class ReadAs : uint8_t { Float32, Bfloat16 };

/// A row-major matrix of this process's memory in raw pointers, as kernels read it: an activation or a weight of any
/// form. Owns nothing.
struct MatrixView {
    enum class Form : uint8_t { F32, BF16, F16, FourBit, Int8, Q8_0 };

    Form form = Form::F32;
    ReadAs readAs = ReadAs::Float32;
    int64_t rows = 0;
    int64_t columns = 0;
    const std::byte* data = nullptr; ///< the elements, or their codes

    // Where quantized; as in QuantizedTensor.
    int64_t blocksize = 1;
    const float* codebook = nullptr;      ///< [16]
    const float* absmax = nullptr;        ///< [blocks]; null where double quantized
    const uint8_t* absmaxCodes = nullptr; ///< [blocks]
    const float* nestedAbsmax = nullptr;  ///< [blocks / 256]
    const float* nestedMap = nullptr;     ///< [256]
    float nestedOffset = 0.0f;

    /// True where `data` can be read as the floats that are wanted.
    bool isPlain() const { return form == Form::F32 && readAs == ReadAs::Float32; }
    const float* plainRow(int64_t row) const { return reinterpret_cast<const float*>(data) + row * columns; }

    /// The scale of a block of flattened elements.
    float scaleOf(int64_t block) const {
        return absmax ? absmax[block]
                      : nestedMap[absmaxCodes[block]] * nestedAbsmax[block / kNestedBlocksize] + nestedOffset;
    }
};

/// A dense tensor [rows, columns] of F32, BF16 or F16.
MatrixView viewOf(const Tensor& tensor, ReadAs readAs = ReadAs::Float32);
MatrixView viewOf(const Weight& weight, ReadAs readAs);

} // namespace lorikeet
