// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <cstring>

#include "core/base/error.h"
#include "core/base/half.h"
#include "core/formats/ggml_blocks.h"
#include "core/formats/messages.h"
#include "core/formats/tensor_file.h"

namespace lorikeet {

namespace {

constexpr int64_t kLargestBlock = 256;

/// out[i] = convert(element i), elements of a plain type, aligned or not.
template <typename Element, typename Convert>
void convertAll(const std::byte* input, std::span<float> out, Convert convert) {
    for (std::size_t i = 0; i < out.size(); ++i) {
        Element element;
        std::memcpy(&element, input + i * sizeof element, sizeof element);
        out[i] = convert(element);
    }
}

template <typename Element>
void castAll(const std::byte* input, std::span<float> out) {
    convertAll<Element>(input, out, [](Element element) { return float(element); });
}

void decodePlain(StoredType type, const std::byte* input, std::span<float> out) {
    switch (type) {
    case StoredType::F32:
        if (!out.empty())
            std::memcpy(out.data(), input, out.size_bytes());
        return;
    case StoredType::F16:
        return convertAll<uint16_t>(input, out, float16ToFloat);
    case StoredType::BF16:
        return convertAll<uint16_t>(input, out, bfloat16ToFloat);
    case StoredType::F64:
        return castAll<double>(input, out);
    case StoredType::I8:
        return castAll<int8_t>(input, out);
    case StoredType::U8:
    case StoredType::Bool:
        return castAll<uint8_t>(input, out);
    case StoredType::I16:
        return castAll<int16_t>(input, out);
    case StoredType::U16:
        return castAll<uint16_t>(input, out);
    case StoredType::I32:
        return castAll<int32_t>(input, out);
    case StoredType::U32:
        return castAll<uint32_t>(input, out);
    case StoredType::I64:
        return castAll<int64_t>(input, out);
    case StoredType::U64:
        return castAll<uint64_t>(input, out);
    default:
        return;
    }
}

/// Elements [first, first + out.size()) of one block, which need not be all of it.
void decodePartOfBlock(StoredType type, const std::byte* block, int64_t first, std::span<float> out) {
    std::array<float, kLargestBlock> whole;
    decodeGgmlBlocks(type, block, 1, whole.data());
    std::copy_n(whole.begin() + first, out.size(), out.begin());
}

} // namespace

void decode(const TensorRecord& record, int64_t firstElement, std::span<float> out) {
    const int64_t count = int64_t(out.size());
    if (firstElement < 0 || firstElement > record.elements() - count)
        fail(ErrorCode::InvalidArgument, "decode: {} elements from {} of {}, which is {}", count, firstElement,
             quotedText(record.name), record.text());
    const StoredBlock block = storedBlock(record.type);
    if (block.elements == 1)
        return decodePlain(record.type, record.bytes.data() + firstElement * block.bytes, out);

    while (!out.empty()) {
        const std::byte* input = record.bytes.data() + firstElement / block.elements * block.bytes;
        const int64_t within = firstElement % block.elements;
        const int64_t left = int64_t(out.size());
        int64_t done = left / block.elements * block.elements;
        if (within != 0 || done == 0) {
            done = std::min(block.elements - within, left);
            decodePartOfBlock(record.type, input, within, out.first(std::size_t(done)));
        } else {
            decodeGgmlBlocks(record.type, input, done / block.elements, out.data());
        }
        firstElement += done;
        out = out.subspan(std::size_t(done));
    }
}

} // namespace lorikeet
