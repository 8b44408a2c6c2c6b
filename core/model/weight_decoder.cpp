// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/weight_decoder.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/half.h"

namespace lorikeet {

namespace {

constexpr int64_t kTileElements = 65536;
// Dense tensors are converted this much at a time, so that an embedding never stands in memory as float32.
constexpr int64_t kChunkElements = int64_t(1) << 21;

int64_t rowLength(const TensorRecord& record) {
    return record.shape.size() < 2 ? 1 : record.elements() / std::max<int64_t>(record.shape[0], 1);
}

} // namespace

RowOrder unpermutedRows(int headDim) {
    return [headDim](int64_t row) {
        const int64_t inHead = row % headDim;
        const int64_t half = inHead / (headDim / 2);
        const int64_t pair = inHead % (headDim / 2);
        return row - inHead + 2 * pair + half;
    };
}

DType denseTypeOf(StoredType type) {
    switch (type) {
    case StoredType::F16:
        return DType::F16;
    case StoredType::BF16:
        return DType::BF16;
    default:
        return DType::F32;
    }
}

Shape shapeOf(const TensorRecord& record) {
    if (record.shape.size() == 1)
        return {record.shape[0]};
    if (record.shape.size() == 2)
        return {record.shape[0], record.shape[1]};
    fail(ErrorCode::BadFile, "{} is {}, expected a vector or a matrix", record.name, record.text());
}

void decodeElements(const TensorRecord& record, const RowOrder& order, int64_t first, std::span<float> out) {
    if (!order) {
        decode(record, first, out);
        return;
    }
    const int64_t columns = rowLength(record);
    while (!out.empty()) {
        const int64_t column = first % columns;
        const std::size_t length = std::min(out.size(), std::size_t(columns - column));
        decode(record, order(first / columns) * columns + column, out.first(length));
        out = out.subspan(length);
        first += int64_t(length);
    }
}

void decodeElements(const TensorRecord& record, const RowOrder& order, int64_t first, std::span<float> out,
                    ThreadPool& pool) {
    const int64_t count = int64_t(out.size());
    pool.parallelFor((count + kTileElements - 1) / kTileElements, [&](int64_t tile) {
        const int64_t begin = tile * kTileElements;
        const int64_t length = std::min(kTileElements, count - begin);
        decodeElements(record, order, first + begin, out.subspan(std::size_t(begin), std::size_t(length)));
    });
}

QuantizedStorage WeightDecoder::quantized(const TensorRecord& record, const QuantizationSpec& spec,
                                          const RowOrder& order) {
    const auto source = [&](int64_t first, std::span<float> out) { decodeElements(record, order, first, out); };
    return uploadQuantized(m_context, quantize(source, shapeOf(record), spec, m_pool));
}

Storage WeightDecoder::dense(const TensorRecord& record, DType type, const RowOrder& order) {
    Storage storage = m_context.allocate(type, shapeOf(record), MemoryTag::Weights);
    dense(record, storage.view(), order);
    return storage;
}

void WeightDecoder::dense(const TensorRecord& record, const Tensor& whole, const RowOrder& order) {
    const DType type = whole.dtype;
    Backend& backend = m_context.backend();
    const bool plain =
        record.type == StoredType::F32 || record.type == StoredType::F16 || record.type == StoredType::BF16;
    if (plain && denseTypeOf(record.type) == type && !order) {
        backend.upload(m_context, record.bytes.data(), whole);
        return;
    }
    const int64_t columns = rowLength(record);
    const int64_t rows = whole.shape[0];
    const int64_t chunkRows = std::max<int64_t>(1, kChunkElements / columns);
    std::vector<uint16_t> halves;
    for (int64_t begin = 0; begin < rows; begin += chunkRows) {
        const int64_t end = std::min(rows, begin + chunkRows);
        m_values.resize(std::size_t((end - begin) * columns));
        decodeElements(record, order, begin * columns, m_values, m_pool);
        const Tensor destination = whole.rows(begin, end);
        if (type == DType::F32) {
            backend.upload(m_context, m_values.data(), destination);
            continue;
        }
        halves.resize(m_values.size());
        std::transform(m_values.begin(), m_values.end(), halves.begin(),
                       type == DType::BF16 ? floatToBfloat16 : floatToFloat16);
        backend.upload(m_context, halves.data(), destination);
    }
}

} // namespace lorikeet
