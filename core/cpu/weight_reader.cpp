// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cpu/weight_reader.h"

#include <algorithm>
#include <array>

#include "core/base/half.h"

namespace lorikeet {
namespace {

template <typename T>
const T* dataOf(const Tensor& tensor) {
    return reinterpret_cast<const T*>(tensor.data);
}

void roundAll(float* values, int64_t count) {
    for (int64_t i = 0; i < count; ++i)
        values[i] = roundToBfloat16(values[i]);
}

} // namespace

float WeightReader::absmax(int64_t block) const {
    const QuantizedTensor& quantized = m_weight.quantized;
    if (!quantized.doubleQuantized())
        return dataOf<float>(quantized.absmax)[block];
    return dataOf<float>(quantized.nestedMap)[dataOf<uint8_t>(quantized.absmax)[block]] *
               dataOf<float>(quantized.nestedAbsmax)[block / kNestedBlocksize] +
           quantized.nestedOffset;
}

void WeightReader::read(int64_t first, int64_t count, float* values) const {
    if (!m_weight.isQuantized())
        return readDense(first, count, values);
    const int64_t blocksize = m_weight.quantized.blocksize;
    for (int64_t done = 0; done < count;) {
        const int64_t block = (first + done) / blocksize;
        const int64_t length = std::min(count - done, (block + 1) * blocksize - (first + done));
        readBlock(block, first + done, length, values + done);
        done += length;
    }
}

void WeightReader::readDense(int64_t first, int64_t count, float* values) const {
    const Tensor& dense = m_weight.dense;
    if (dense.dtype == DType::F32)
        std::copy_n(dataOf<float>(dense) + first, count, values);
    else if (dense.dtype == DType::BF16)
        std::transform(dataOf<Bfloat16Bits>(dense) + first, dataOf<Bfloat16Bits>(dense) + first + count, values,
                       bfloat16ToFloat);
    else
        std::transform(dataOf<uint16_t>(dense) + first, dataOf<uint16_t>(dense) + first + count, values,
                       float16ToFloat);
    if (m_readAs == ReadAs::Bfloat16 && dense.dtype != DType::BF16)
        roundAll(values, count);
}

void WeightReader::readBlock(int64_t block, int64_t first, int64_t count, float* values) const {
    const QuantizedTensor& quantized = m_weight.quantized;
    const float scale = absmax(block);
    if (isFourBit(quantized.type)) {
        std::array<float, 16> table;
        for (std::size_t code = 0; code < table.size(); ++code)
            table[code] = dataOf<float>(quantized.codebook)[code] * scale;
        if (m_readAs == ReadAs::Bfloat16)
            roundAll(table.data(), int64_t(table.size()));
        const uint8_t* codes = dataOf<uint8_t>(quantized.codes);
        for (int64_t i = 0; i < count; ++i) {
            const unsigned pair = codes[(first + i) / 2];
            values[i] = table[(first + i) % 2 == 0 ? pair >> 4 : pair & 15u];
        }
        return;
    }
    const int8_t* codes = dataOf<int8_t>(quantized.codes) + first;
    const float divisor = quantized.type == QuantType::Int8 ? 127.0f : 1.0f;
    for (int64_t i = 0; i < count; ++i)
        values[i] = float(codes[i]) / divisor * scale;
    if (m_readAs == ReadAs::Bfloat16)
        roundAll(values, count);
}

} // namespace lorikeet
