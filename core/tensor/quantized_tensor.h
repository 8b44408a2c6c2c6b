// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tensor/tensor.h"

namespace lorikeet {

/// How the values of a weight are coded. Dequantized value of element i in block b = i / blocksize, in float32:
///   Nf4, Fp4, Int4:  codebook[code[i]] * absmax(b)     4 bits, two to a byte, the even element in the high nibble
///   Int8:            (code[i] / 127) * absmax(b)       int8
///   Q8_0:            code[i] * absmax(b)               int8 in blocks of 32: GGUF's form, absmax being its scale d
enum class QuantType : uint8_t { None, Nf4, Fp4, Int4, Int8, Q8_0 };

/// "nf4", "fp4", "int4", "int8", "q8_0", "none".
std::string_view quantTypeName(QuantType type);

constexpr bool isFourBit(QuantType type) {
    return type == QuantType::Nf4 || type == QuantType::Fp4 || type == QuantType::Int4;
}

/// A view of a matrix [N, K] quantized by blocks over its flattened elements (a block may cross rows; the last one
/// may be short). Owns nothing, like Tensor.
struct QuantizedTensor {
    QuantType type = QuantType::None;
    int blocksize = 64;
    Shape shape;     ///< [N, K]
    Tensor codes;    ///< U8 [(N*K + 1) / 2] for 4-bit types, I8 [N*K] else
    Tensor absmax;   ///< F32 [blocks]; U8 [blocks] where double quantized
    Tensor codebook; ///< F32 [16] for 4-bit types, else absent

    /// Double quantization (numerics: QLoRA, section 3): absmax(b) = nestedMap[absmax[b]] * nestedAbsmax[b / 256] +
    /// nestedOffset. Present together or absent together.
    Tensor nestedAbsmax; ///< F32 [ceil(blocks / 256)]
    Tensor nestedMap;    ///< F32 [256]
    float nestedOffset = 0.0f;

    bool doubleQuantized() const { return bool(nestedAbsmax); }
    int64_t blocks() const { return (shape.elements() + blocksize - 1) / blocksize; }
};

/// A matrix [N, K] of a linear layer or an embedding: dense or quantized.
struct Weight {
    Tensor dense; ///< F32, BF16 or F16 [N, K]; absent where quantized
    QuantizedTensor quantized;

    Weight() = default;
    Weight(const Tensor& tensor) : dense(tensor) {}              // NOLINT: a dense tensor is a weight
    Weight(const QuantizedTensor& tensor) : quantized(tensor) {} // NOLINT: so is a quantized one
    bool isQuantized() const { return quantized.type != QuantType::None; }
    const Shape& shape() const { return isQuantized() ? quantized.shape : dense.shape; }
    explicit operator bool() const { return isQuantized() || bool(dense); }
};

/// Blocks of nested (double) quantization.
inline constexpr int kNestedBlocksize = 256;

} // namespace lorikeet
