// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <vector>

#include "core/backend/backend.h"
#include "core/base/thread_pool.h"
#include "core/formats/tensor_file.h"
#include "core/quant/quantize.h"

namespace lorikeet {

/// Which stored row becomes row `row` of a weight; an empty function keeps the order.
using RowOrder = std::function<int64_t(int64_t row)>;

/// Llama's q and k in GGUF hold each head's rows as rotated pairs (0, D/2, 1, D/2+1, ...): gives back Hugging Face's
/// order of halves.
RowOrder unpermutedRows(int headDim);

/// The record's shape. Throws BadFile where it is neither a vector nor a matrix.
Shape shapeOf(const TensorRecord& record);

/// Elements [first, first + out.size()) of the reordered tensor, as float32.
void decodeElements(const TensorRecord& record, const RowOrder& order, int64_t first, std::span<float> out);

/// The same, tile by tile on a thread pool.
void decodeElements(const TensorRecord& record, const RowOrder& order, int64_t first, std::span<float> out,
                    ThreadPool& pool);

/// Reads stored tensors into device tensors, tile by tile on a thread pool.
class WeightDecoder {
public:
    WeightDecoder(ExecutionContext& context, int threads) : m_context(context), m_pool(threads) {}

    /// A matrix quantized on the way, and uploaded.
    QuantizedStorage quantized(const TensorRecord& record, const QuantizationSpec& spec, const RowOrder& order = {});
    /// A dense device tensor of the record's shape in F32, BF16 or F16: as stored, or converted.
    Storage dense(const TensorRecord& record, DType type, const RowOrder& order = {});
    /// The same into a tensor of the record's shape.
    void dense(const TensorRecord& record, const Tensor& whole, const RowOrder& order = {});

private:
    ExecutionContext& m_context;
    ThreadPool m_pool;
    std::vector<float> m_values;
};

/// The type that keeps a stored tensor's values in 16 bits where they fit: F32, BF16 or F16.
DType denseTypeOf(StoredType type);

} // namespace lorikeet
