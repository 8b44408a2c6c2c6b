// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/cpu/made_weight.h"

#include <fmt/format.h>

#include "core/base/half.h"

namespace lorikeet {
namespace {

template <typename T>
Tensor viewOf(std::vector<T>& values, DType dtype) {
    return {reinterpret_cast<std::byte*>(values.data()), dtype, Shape{int64_t(values.size())}};
}

std::vector<uint8_t> madeBytes(int64_t count, uint32_t seed) {
    std::vector<uint8_t> bytes;
    for (const float value : madeValues(count, seed))
        bytes.push_back(uint8_t(int((value + 1.0f) * 128.0f)));
    return bytes;
}

} // namespace

std::string WeightForm::text() const {
    if (type == QuantType::None)
        return std::string(dtypeName(dense));
    return fmt::format("{}/{}{}", quantTypeName(type), blocksize, doubleQuantized ? " double" : "");
}

std::vector<WeightForm> allWeightForms() {
    std::vector<WeightForm> forms;
    for (const DType dtype : {DType::F32, DType::BF16, DType::F16})
        forms.push_back({.type = QuantType::None, .dense = dtype});
    for (const QuantType type : {QuantType::Nf4, QuantType::Fp4, QuantType::Int4, QuantType::Int8})
        for (const int blocksize : {32, 64, 128, 4096})
            for (const bool nested : {false, true})
                forms.push_back({.type = type, .blocksize = blocksize, .doubleQuantized = nested});
    forms.push_back({.type = QuantType::Q8_0, .blocksize = 32});
    return forms;
}

std::vector<float> madeValues(int64_t count, uint32_t seed) {
    std::vector<float> values(static_cast<std::size_t>(count));
    uint64_t state = seed * 2654435769u + 1u;
    for (float& value : values) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        value = float(int32_t(state >> 32)) * 0x1p-31f;
    }
    return values;
}

MadeWeight::MadeWeight(const WeightForm& form, int64_t rows, int64_t columns, uint32_t seed) {
    const Shape shape{rows, columns};
    if (form.type == QuantType::None)
        makeDense(form, shape, seed);
    else
        makeQuantized(form, shape, seed);
}

void MadeWeight::makeDense(const WeightForm& form, const Shape& shape, uint32_t seed) {
    m_values = madeValues(shape.elements(), seed);
    if (form.dense == DType::F32) {
        m_weight.dense = viewOf(m_values, DType::F32).reshaped(shape);
        return;
    }
    const bool half = form.dense == DType::F16;
    for (float& value : m_values) {
        m_halves.push_back(half ? floatToFloat16(value) : floatToBfloat16(value));
        value = half ? float16ToFloat(m_halves.back()) : bfloat16ToFloat(m_halves.back());
    }
    m_weight.dense = viewOf(m_halves, form.dense).reshaped(shape);
}

void MadeWeight::makeQuantized(const WeightForm& form, const Shape& shape, uint32_t seed) {
    QuantizedTensor& quantized = m_weight.quantized;
    quantized.type = form.type;
    quantized.blocksize = form.blocksize;
    quantized.shape = shape;
    const int64_t count = shape.elements(), blocks = quantized.blocks();
    m_codes = madeBytes(isFourBit(form.type) ? (count + 1) / 2 : count, seed);
    quantized.codes = viewOf(m_codes, isFourBit(form.type) ? DType::U8 : DType::I8);
    if (isFourBit(form.type)) {
        m_codebook = madeValues(16, seed + 1);
        quantized.codebook = viewOf(m_codebook, DType::F32);
    }
    m_absmax = madeValues(blocks, seed + 2);
    quantized.absmax = viewOf(m_absmax, DType::F32);
    if (form.doubleQuantized) {
        m_nestedCodes = madeBytes(blocks, seed + 3);
        m_nestedAbsmax = madeValues((blocks + kNestedBlocksize - 1) / kNestedBlocksize, seed + 4);
        m_nestedMap = madeValues(256, seed + 5);
        quantized.absmax = viewOf(m_nestedCodes, DType::U8);
        quantized.nestedAbsmax = viewOf(m_nestedAbsmax, DType::F32);
        quantized.nestedMap = viewOf(m_nestedMap, DType::F32);
        quantized.nestedOffset = 0.3f;
    }
    for (int64_t i = 0; i < count; ++i) {
        const auto block = std::size_t(i / form.blocksize);
        if (form.doubleQuantized)
            m_absmax[block] = m_nestedMap[m_nestedCodes[block]] * m_nestedAbsmax[block / kNestedBlocksize] + 0.3f;
        const auto at = std::size_t(i);
        if (isFourBit(form.type))
            m_values.push_back(m_codebook[i % 2 == 1 ? m_codes[at / 2] % 16 : m_codes[at / 2] / 16] * m_absmax[block]);
        else if (form.type == QuantType::Int8)
            m_values.push_back(float(int8_t(m_codes[at])) / 127.0f * m_absmax[block]);
        else
            m_values.push_back(float(int8_t(m_codes[at])) * m_absmax[block]);
    }
}

float MadeWeight::value(int64_t i, bool rounded) const {
    const float value = m_values[std::size_t(i)];
    return rounded ? roundToBfloat16(value) : value;
}

} // namespace lorikeet
