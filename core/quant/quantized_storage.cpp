// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/quantize.h"

#include "core/backend/backend.h"
#include "core/base/error.h"

namespace lorikeet {

namespace {

Storage uploadVector(ExecutionContext& context, DType dtype, int64_t count, const void* host, MemoryTag tag) {
    Storage storage = context.allocate(dtype, {count}, tag);
    context.backend().upload(context, host, storage);
    return storage;
}

Storage uploadFloats(ExecutionContext& context, std::span<const float> values) {
    return uploadVector(context, DType::F32, int64_t(values.size()), values.data(), MemoryTag::QuantState);
}

} // namespace

QuantizedTensor QuantizedStorage::view() const {
    QuantizedTensor tensor;
    tensor.type = m_type;
    tensor.blocksize = m_blocksize;
    tensor.shape = m_shape;
    tensor.codes = m_codes.view();
    tensor.absmax = m_absmax.view();
    tensor.codebook = m_codebook.view();
    tensor.nestedAbsmax = m_nestedAbsmax.view();
    tensor.nestedMap = m_nestedMap.view();
    tensor.nestedOffset = m_nestedOffset;
    return tensor;
}

QuantizedStorage uploadQuantized(ExecutionContext& context, const QuantizedData& data) {
    if (data.shape.rank() != 2 || data.shape.elements() == 0)
        fail(ErrorCode::InvalidArgument, "uploading a quantized matrix: its shape is {}", data.shape.text());
    QuantizedStorage storage;
    storage.m_type = data.spec.type;
    storage.m_blocksize = data.spec.blocksize;
    storage.m_shape = data.shape;
    const bool isPacked = isFourBit(data.spec.type);
    storage.m_codes = uploadVector(context, isPacked ? DType::U8 : DType::I8, int64_t(data.codes.size()),
                                   data.codes.data(), MemoryTag::Weights);
    if (isPacked)
        storage.m_codebook = uploadFloats(context, codebook(data.spec.type));
    if (!data.spec.doubleQuant) {
        storage.m_absmax = uploadFloats(context, data.absmax);
        return storage;
    }
    storage.m_absmax = uploadVector(context, DType::U8, int64_t(data.nestedCodes.size()), data.nestedCodes.data(),
                                    MemoryTag::QuantState);
    storage.m_nestedAbsmax = uploadFloats(context, data.nestedAbsmax);
    storage.m_nestedMap = uploadFloats(context, data.nestedMap);
    storage.m_nestedOffset = data.nestedOffset;
    return storage;
}

int64_t quantizedBytes(int64_t elements, const QuantizationSpec& spec) {
    const int64_t blocks = (elements + spec.blocksize - 1) / spec.blocksize;
    int64_t bytes = elements;
    if (isFourBit(spec.type))
        bytes = (elements + 1) / 2 + int64_t(sizeof(codebook(spec.type)));
    if (!spec.doubleQuant)
        return bytes + blocks * int64_t(sizeof(float));
    const int64_t nestedBlocks = (blocks + kNestedBlocksize - 1) / kNestedBlocksize;
    return bytes + blocks + nestedBlocks * int64_t(sizeof(float)) + int64_t(sizeof(dynamicMap(true)));
}

QuantizedStorage allocateQuantized(ExecutionContext& context, const Shape& shape, const QuantizationSpec& spec) {
    const int64_t elements = shape.elements();
    const int64_t blocks = (elements + spec.blocksize - 1) / spec.blocksize;
    const bool isPacked = isFourBit(spec.type);
    QuantizedStorage storage;
    storage.m_type = spec.type;
    storage.m_blocksize = spec.blocksize;
    storage.m_shape = shape;
    storage.m_codes = isPacked ? context.allocate(DType::U8, {(elements + 1) / 2}, MemoryTag::Weights)
                               : context.allocate(DType::I8, {elements}, MemoryTag::Weights);
    if (isPacked)
        storage.m_codebook = context.allocate(DType::F32, {16}, MemoryTag::QuantState);
    storage.m_absmax = context.allocate(spec.doubleQuant ? DType::U8 : DType::F32, {blocks}, MemoryTag::QuantState);
    if (spec.doubleQuant) {
        storage.m_nestedAbsmax =
            context.allocate(DType::F32, {(blocks + kNestedBlocksize - 1) / kNestedBlocksize}, MemoryTag::QuantState);
        storage.m_nestedMap = context.allocate(DType::F32, {256}, MemoryTag::QuantState);
    }
    return storage;
}

} // namespace lorikeet
