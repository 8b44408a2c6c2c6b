// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/base/function_ref.h"
#include "core/tensor/quantized_tensor.h"
#include "core/tensor/storage.h"

namespace lorikeet {

class ExecutionContext;
class ThreadPool;

/// How weights are to be quantized; the defaults are QLoRA's.
struct QuantizationSpec {
    QuantType type = QuantType::Nf4; ///< Nf4, Fp4, Int4, Int8; Q8_0 only comes out of fromQ8_0()
    int blocksize = 64;              ///< a power of two, 32 to 4096
    bool doubleQuant = true;

    bool operator==(const QuantizationSpec&) const = default;
};

inline constexpr int kSmallestBlocksize = 32;
inline constexpr int kLargestBlocksize = 4096;

/// Throws InvalidArgument for a type or blocksize that quantize() cannot do.
void checkQuantizationSpec(const QuantizationSpec& spec);

/// The bytes that a matrix of so many elements takes on a device: codes, scales and their tables, as the ledger books
/// them.
int64_t quantizedBytes(int64_t elements, const QuantizationSpec& spec);

/// A quantized tensor in host memory. Codes and scales are those of QuantizedTensor, which has the formulas.
struct QuantizedData {
    QuantizationSpec spec;
    Shape shape;
    std::vector<uint8_t> codes; ///< two to a byte for 4-bit types, else the bits of int8
    std::vector<float> absmax;  ///< [blocks]; empty where double quantized

    std::vector<uint8_t> nestedCodes; ///< [blocks]; this and the rest only where double quantized
    std::vector<float> nestedAbsmax;  ///< [ceil(blocks / 256)]
    std::vector<float> nestedMap;     ///< [256], ascending
    float nestedOffset = 0.0f;

    int64_t blocks() const { return (shape.elements() + spec.blocksize - 1) / spec.blocksize; }
    std::size_t bytes() const;
};

/// Writes elements [first, first + out.size()) of the tensor to be quantized into `out`. Called by several threads at
/// once, for ranges that do not overlap.
using ElementSource = FunctionRef<void(int64_t first, std::span<float> out)>;

/// Quantizes by blocks over the flattened tensor.
///   Nf4, Fp4  y = clamp(x * (1 / max(absmax, 1e-38)), -1, 1), in the tail block x / max(absmax, 1e-38); the code whose
///             value is nearest to y, the midpoint in float32 going down: bitsandbytes' codes, a zero always being +0
///   Int4      roundHalfEven(7 * x / absmax) + 8, each operation in float32
///   Int8      roundHalfEven(127 * x / absmax)
/// An odd last element shares its byte with a zero. Double quantization (QLoRA, section 3): absmax minus its mean, in
/// blocks of 256, by the signed dynamic map. The same bits on any number of threads and any instruction set.
/// Throws InvalidArgument, naming the element, for a NaN or an infinity.
QuantizedData quantize(ElementSource source, const Shape& shape, const QuantizationSpec& spec, ThreadPool& pool);

/// The same for values in memory; InvalidArgument where there are not as many as the shape says.
QuantizedData quantize(std::span<const float> values, const Shape& shape, const QuantizationSpec& spec,
                       ThreadPool& pool);

/// GGUF's Q8_0 blocks (float16 scale, 32 int8) as they are: type Q8_0, blocksize 32, no double quantization.
/// Throws InvalidArgument where the bytes are not as many as the shape says, or a scale is not finite.
QuantizedData fromQ8_0(std::span<const std::byte> blocks, const Shape& shape);

/// The float32 values, by the plain definition: the reference of every faster way.
/// Throws InvalidArgument where `out` has not as many elements as the shape.
void dequantize(const QuantizedData& data, std::span<float> out);

/// Elements [first, first + out.size()) of the same; `scales` are those of blockScales(). `first` must be even.
void dequantizeRange(const QuantizedData& data, std::span<const float> scales, int64_t first, std::span<float> out);

/// The scale of each block, double quantization undone.
std::vector<float> blockScales(const QuantizedData& data);

/// The values of the 16 codes of a 4-bit type. Throws InvalidArgument for another type.
const std::array<float, 16>& codebook(QuantType type);

/// The dynamic map of 8-bit quantization (Dettmers et al., 8-bit Optimizers via Block-wise Quantization, 2021): 256
/// ascending values in [-1, 1], or in [0, 1] where not signed.
const std::array<float, 256>& dynamicMap(bool isSigned);

/// Index of the value of an ascending map of 256 that is nearest to `value`; halfway between two, the even index.
uint8_t nearestCode(std::span<const float, 256> map, float value);

/// The owner of a quantized matrix on a device: its codes are booked as Weights, all else as QuantState.
class QuantizedStorage {
public:
    /// Valid while this object lives.
    QuantizedTensor view() const;
    explicit operator bool() const { return m_type != QuantType::None; }

private:
    friend QuantizedStorage uploadQuantized(ExecutionContext&, const QuantizedData&);
    friend QuantizedStorage allocateQuantized(ExecutionContext&, const Shape&, const QuantizationSpec&);

    QuantType m_type = QuantType::None;
    int m_blocksize = 0;
    Shape m_shape;
    float m_nestedOffset = 0.0f;
    Storage m_codes;
    Storage m_absmax;
    Storage m_codebook;
    Storage m_nestedAbsmax;
    Storage m_nestedMap;
};

/// Copies a quantized matrix [N, K] to the context's device. Throws InvalidArgument where it is no matrix or empty,
/// OutOfMemory.
QuantizedStorage uploadQuantized(ExecutionContext& context, const QuantizedData& data);

/// The storages that uploadQuantized() makes for a matrix of this shape, without contents: for accounts of memory.
QuantizedStorage allocateQuantized(ExecutionContext& context, const Shape& shape, const QuantizationSpec& spec);

} // namespace lorikeet
