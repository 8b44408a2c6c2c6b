// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/quantize.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>

#include "core/base/error.h"
#include "core/base/half.h"
#include "core/base/thread_pool.h"
#include "core/quant/block_kernels.h"

namespace lorikeet {

namespace {

/// A multiple of every blocksize; as float32 it stays in a core's cache between reading and coding.
constexpr int64_t kTileElements = 1 << 15;
static_assert(kTileElements % kLargestBlocksize == 0);

constexpr int64_t kQ8_0BlockBytes = 34;

std::size_t codeBytes(QuantType type, int64_t elements) {
    return std::size_t(isFourBit(type) ? (elements + 1) / 2 : elements);
}

[[noreturn]] void failNotFinite(int64_t first, const float* x, int64_t count) {
    const float* bad = std::find_if_not(x, x + count, [](float value) { return std::isfinite(value); });
    fail(ErrorCode::InvalidArgument, "quantize: element {} is {}, only finite values can be quantized",
         first + (bad - x), *bad);
}

float absmaxOf(const float* x, int64_t count, int64_t first) {
    const uint32_t magnitude = largestMagnitudeBits(x, count);
    if (magnitude >= 0x7f800000u)
        failNotFinite(first, x, count);
    return std::bit_cast<float>(magnitude);
}

/// Codes and scale of a block that is not full. `first` is its first element.
void quantizeTail(QuantizedData& data, int64_t first, std::span<const float> x) {
    const QuantType type = data.spec.type;
    std::array<float, kLargestBlocksize> padded;
    std::array<uint8_t, kLargestBlocksize> codes;
    const int64_t count = int64_t(x.size());
    const int64_t whole = (count + kKernelElements - 1) / kKernelElements * kKernelElements;
    std::copy(x.begin(), x.end(), padded.begin());
    std::fill(padded.begin() + count, padded.begin() + whole, 0.0f);
    float absmax = absmaxOf(padded.data(), whole, first);
    data.absmax[std::size_t(first / data.spec.blocksize)] = absmax;
    if (type == QuantType::Nf4 || type == QuantType::Fp4) {
        // bitsandbytes divides here, where full blocks are multiplied by the inverse.
        for (int64_t i = 0; i < count; ++i)
            padded[std::size_t(i)] /= std::max(absmax, 1e-38f);
        absmax = 1.0f;
    }
    codeBlock(type, padded.data(), whole, absmax, codes.data());
    std::memcpy(data.codes.data() + codeBytes(type, first), codes.data(), codeBytes(type, count));
}

void quantizeTile(QuantizedData& data, int64_t first, std::span<const float> values) {
    const int64_t blocksize = data.spec.blocksize;
    for (; int64_t(values.size()) >= blocksize; values = values.subspan(std::size_t(blocksize)), first += blocksize) {
        const float absmax = absmaxOf(values.data(), blocksize, first);
        data.absmax[std::size_t(first / blocksize)] = absmax;
        codeBlock(data.spec.type, values.data(), blocksize, absmax,
                  data.codes.data() + codeBytes(data.spec.type, first));
    }
    if (!values.empty())
        quantizeTail(data, first, values);
}

/// Replaces data.absmax by its double quantization.
void quantizeScales(QuantizedData& data, ThreadPool& pool) {
    const std::array<float, 256>& map = dynamicMap(true);
    const int64_t blocks = int64_t(data.absmax.size());
    const int64_t nestedBlocks = (blocks + kNestedBlocksize - 1) / kNestedBlocksize;
    double sum = 0;
    for (float scale : data.absmax)
        sum += scale;
    data.nestedOffset = blocks == 0 ? 0.0f : float(sum / double(blocks));
    data.nestedMap.assign(map.begin(), map.end());
    data.nestedCodes.resize(std::size_t(blocks));
    data.nestedAbsmax.resize(std::size_t(nestedBlocks));
    pool.parallelFor(nestedBlocks, [&](int64_t nested) {
        const int64_t begin = nested * kNestedBlocksize;
        const int64_t end = std::min(begin + kNestedBlocksize, blocks);
        float largest = 0;
        for (int64_t i = begin; i < end; ++i)
            largest = std::max(largest, std::abs(data.absmax[std::size_t(i)] - data.nestedOffset));
        data.nestedAbsmax[std::size_t(nested)] = largest;
        const float inverse = 1.0f / std::max(largest, 1e-38f);
        for (int64_t i = begin; i < end; ++i)
            data.nestedCodes[std::size_t(i)] =
                nearestCode(map, (data.absmax[std::size_t(i)] - data.nestedOffset) * inverse);
    });
    data.absmax = {};
}

/// Calls body(first, count) for each tile of the elements.
template <typename Body>
void forEachTile(const Shape& shape, ThreadPool& pool, const Body& body) {
    const int64_t elements = shape.elements();
    pool.parallelFor((elements + kTileElements - 1) / kTileElements, [&](int64_t tile) {
        const int64_t first = tile * kTileElements;
        body(first, std::min(kTileElements, elements - first));
    });
}

QuantizedData emptyData(const Shape& shape, const QuantizationSpec& spec) {
    checkQuantizationSpec(spec);
    QuantizedData data;
    data.spec = spec;
    data.shape = shape;
    data.codes.resize(codeBytes(spec.type, shape.elements()));
    data.absmax.resize(std::size_t(data.blocks()));
    return data;
}

/// Elements from `first`, which is even, that share a scale.
void decodeBlock(const QuantizedData& data, int64_t first, std::span<float> out, float scale) {
    if (isFourBit(data.spec.type)) {
        const std::array<float, 16>& values = codebook(data.spec.type);
        const uint8_t* pairs = data.codes.data() + first / 2;
        for (std::size_t i = 0; i < out.size(); ++i)
            out[i] = values[i % 2 == 0 ? pairs[i / 2] >> 4 : pairs[i / 2] & 15] * scale;
        return;
    }
    const float divisor = data.spec.type == QuantType::Int8 ? 127.0f : 1.0f;
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = float(int8_t(data.codes[std::size_t(first) + i])) / divisor * scale;
}

} // namespace

std::size_t QuantizedData::bytes() const {
    return codes.size() + nestedCodes.size() + (absmax.size() + nestedAbsmax.size() + nestedMap.size()) * sizeof(float);
}

void checkQuantizationSpec(const QuantizationSpec& spec) {
    if (!isFourBit(spec.type) && spec.type != QuantType::Int8)
        fail(ErrorCode::InvalidArgument, "quantize: nf4, fp4, int4 and int8 can be made, not {}",
             quantTypeName(spec.type));
    if (spec.blocksize < kSmallestBlocksize || spec.blocksize > kLargestBlocksize ||
        !std::has_single_bit(unsigned(spec.blocksize)))
        fail(ErrorCode::InvalidArgument, "quantize: blocksize {} is not a power of two from {} to {}", spec.blocksize,
             kSmallestBlocksize, kLargestBlocksize);
}

QuantizedData quantize(ElementSource source, const Shape& shape, const QuantizationSpec& spec, ThreadPool& pool) {
    QuantizedData data = emptyData(shape, spec);
    forEachTile(shape, pool, [&](int64_t first, int64_t count) {
        thread_local std::vector<float> values(kTileElements);
        const std::span<float> tile = std::span(values).first(std::size_t(count));
        source(first, tile);
        quantizeTile(data, first, tile);
    });
    if (spec.doubleQuant)
        quantizeScales(data, pool);
    return data;
}

QuantizedData quantize(std::span<const float> values, const Shape& shape, const QuantizationSpec& spec,
                       ThreadPool& pool) {
    if (int64_t(values.size()) != shape.elements())
        fail(ErrorCode::InvalidArgument, "quantize: {} values for the shape {}", values.size(), shape.text());
    QuantizedData data = emptyData(shape, spec);
    forEachTile(shape, pool, [&](int64_t first, int64_t count) {
        quantizeTile(data, first, values.subspan(std::size_t(first), std::size_t(count)));
    });
    if (spec.doubleQuant)
        quantizeScales(data, pool);
    return data;
}

QuantizedData fromQ8_0(std::span<const std::byte> blocks, const Shape& shape) {
    constexpr int kBlocksize = 32;
    QuantizedData data;
    data.spec = {QuantType::Q8_0, kBlocksize, false};
    data.shape = shape;
    if (shape.elements() % kBlocksize != 0 || int64_t(blocks.size()) != data.blocks() * kQ8_0BlockBytes)
        fail(ErrorCode::InvalidArgument, "Q8_0: {} bytes for the shape {}", blocks.size(), shape.text());
    data.codes.resize(std::size_t(shape.elements()));
    data.absmax.resize(std::size_t(data.blocks()));
    for (std::size_t block = 0; block < data.absmax.size(); ++block) {
        const std::byte* from = blocks.data() + block * kQ8_0BlockBytes;
        uint16_t scale;
        std::memcpy(&scale, from, sizeof scale);
        data.absmax[block] = float16ToFloat(scale);
        if (!std::isfinite(data.absmax[block]))
            fail(ErrorCode::InvalidArgument, "Q8_0: the scale of block {} is {}", block, data.absmax[block]);
        std::memcpy(data.codes.data() + block * kBlocksize, from + sizeof scale, kBlocksize);
    }
    return data;
}

std::vector<float> blockScales(const QuantizedData& data) {
    if (!data.spec.doubleQuant)
        return data.absmax;
    std::vector<float> scales(data.nestedCodes.size());
    for (std::size_t i = 0; i < scales.size(); ++i)
        scales[i] = data.nestedMap[data.nestedCodes[i]] * data.nestedAbsmax[i / kNestedBlocksize] + data.nestedOffset;
    return scales;
}

void dequantizeRange(const QuantizedData& data, std::span<const float> scales, int64_t first, std::span<float> out) {
    assert(first % 2 == 0 && first + int64_t(out.size()) <= data.shape.elements());
    const int64_t blocksize = data.spec.blocksize, end = first + int64_t(out.size());
    for (int64_t begin = first; begin < end;) {
        const int64_t next = std::min(end, (begin / blocksize + 1) * blocksize);
        const float scale = scales[std::size_t(begin / blocksize)];
        decodeBlock(data, begin, out.subspan(std::size_t(begin - first), std::size_t(next - begin)), scale);
        begin = next;
    }
}

void dequantize(const QuantizedData& data, std::span<float> out) {
    if (int64_t(out.size()) != data.shape.elements())
        fail(ErrorCode::InvalidArgument, "dequantize: {} values for the shape {}", out.size(), data.shape.text());
    dequantizeRange(data, blockScales(data), 0, out);
}

} // namespace lorikeet
