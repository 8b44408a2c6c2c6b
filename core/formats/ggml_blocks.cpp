// SPDX-License-Identifier: GPL-3.0-or-later
// The block layouts are ggml's. All arithmetic is float32 in the order (scale * factor) * code - minimum, without
// fused operations, so that the values equal those of the gguf package to the last bit.
#include "core/formats/ggml_blocks.h"

#include <cstring>

#include "core/base/half.h"

namespace lorikeet {

namespace {

float halfAt(const uint8_t* bytes) {
    uint16_t bits;
    std::memcpy(&bits, bytes, sizeof bits);
    return float16ToFloat(bits);
}

/// [d f16][32 codes of 4 bits]: low nibbles are elements 0..15, high nibbles 16..31.
void decodeQ4_0(const uint8_t* block, float* y) {
    const float d = halfAt(block);
    const uint8_t* codes = block + 2;
    for (int i = 0; i < 16; ++i) {
        y[i] = float((codes[i] & 15) - 8) * d;
        y[i + 16] = float((codes[i] >> 4) - 8) * d;
    }
}

/// [d f16][m f16][32 codes of 4 bits]
void decodeQ4_1(const uint8_t* block, float* y) {
    const float d = halfAt(block);
    const float m = halfAt(block + 2);
    const uint8_t* codes = block + 4;
    for (int i = 0; i < 16; ++i) {
        y[i] = float(codes[i] & 15) * d + m;
        y[i + 16] = float(codes[i] >> 4) * d + m;
    }
}

/// Codes of Q5_0 and Q5_1: 32 fifth bits, one for each element in its order, then 4-bit codes as in Q4_0.
void unpackQ5(const uint8_t* packed, int* codes) {
    uint32_t fifthBits;
    std::memcpy(&fifthBits, packed, sizeof fifthBits);
    for (int i = 0; i < 16; ++i) {
        codes[i] = (packed[4 + i] & 15) | int(((fifthBits >> i) & 1) << 4);
        codes[i + 16] = (packed[4 + i] >> 4) | int(((fifthBits >> (i + 16)) & 1) << 4);
    }
}

/// [d f16][codes of 5 bits]
void decodeQ5_0(const uint8_t* block, float* y) {
    const float d = halfAt(block);
    int codes[32];
    unpackQ5(block + 2, codes);
    for (int i = 0; i < 32; ++i)
        y[i] = float(codes[i] - 16) * d;
}

/// [d f16][m f16][codes of 5 bits]
void decodeQ5_1(const uint8_t* block, float* y) {
    const float d = halfAt(block);
    const float m = halfAt(block + 2);
    int codes[32];
    unpackQ5(block + 4, codes);
    for (int i = 0; i < 32; ++i)
        y[i] = float(codes[i]) * d + m;
}

/// [d f16][32 codes int8]
void decodeQ8_0(const uint8_t* block, float* y) {
    const float d = halfAt(block);
    for (int i = 0; i < 32; ++i)
        y[i] = float(int8_t(block[2 + i])) * d;
}

/// [16 x (scale, minimum) 4 bits each][256 codes of 2 bits][d f16][dmin f16]. A byte of codes holds the same place of
/// four runs of 32 elements; a scale covers 16 elements.
void decodeQ2_K(const uint8_t* block, float* y) {
    const uint8_t* scales = block;
    const uint8_t* codes = block + 16;
    const float d = halfAt(block + 80);
    const float dmin = halfAt(block + 82);
    for (int group = 0; group < 16; ++group) {
        const float scale = d * float(scales[group] & 15);
        const float minimum = dmin * float(scales[group] >> 4);
        const int run = group / 2; // of 32 elements
        const uint8_t* from = codes + run / 4 * 32 + group % 2 * 16;
        const int shift = run % 4 * 2;
        for (int i = 0; i < 16; ++i)
            y[group * 16 + i] = scale * float((from[i] >> shift) & 3) - minimum;
    }
}

/// [256 third bits][256 codes of 2 bits][16 scales of 6 bits in 12 bytes][d f16]. Bit r of byte i of the third bits
/// belongs to element 32 r + i; where it is clear, 4 is taken off.
void decodeQ3_K(const uint8_t* block, float* y) {
    const uint8_t* thirdBits = block;
    const uint8_t* codes = block + 32;
    const uint8_t* scales = block + 96;
    const float d = halfAt(block + 108);
    for (int group = 0; group < 16; ++group) {
        const int low = group < 8 ? scales[group] & 15 : scales[group - 8] >> 4;
        const int high = (scales[8 + group % 4] >> (group / 4 * 2)) & 3;
        const float scale = d * float((low | high << 4) - 32);
        const int run = group / 2;
        const int half = group % 2 * 16;
        const uint8_t* from = codes + run / 4 * 32 + half;
        const int shift = run % 4 * 2;
        for (int i = 0; i < 16; ++i) {
            const int third = (thirdBits[half + i] >> run) & 1;
            y[group * 16 + i] = scale * float(((from[i] >> shift) & 3) + 4 * third - 4);
        }
    }
}

struct ScaleAndMinimum {
    int scale;
    int minimum;
};

/// Pair `i` of the eight (scale, minimum) pairs, 6 bits each, that Q4_K and Q5_K pack into 12 bytes: bytes 0..3 and
/// 4..7 hold pairs 0..3 and, in their top bits, the upper bits of pairs 4..7; bytes 8..11 the lower bits of those.
ScaleAndMinimum scaleAndMinimum(const uint8_t* packed, int i) {
    if (i < 4)
        return {packed[i] & 63, packed[i + 4] & 63};
    return {(packed[i + 4] & 15) | (packed[i - 4] >> 6) << 4, (packed[i + 4] >> 4) | (packed[i] >> 6) << 4};
}

/// [d f16][dmin f16][8 pairs in 12 bytes][256 codes of 4 bits]: 32 bytes hold two runs of 32 elements, low nibbles
/// first.
void decodeQ4_K(const uint8_t* block, float* y) {
    const float d = halfAt(block);
    const float dmin = halfAt(block + 2);
    for (int run = 0; run < 8; ++run) {
        const ScaleAndMinimum pair = scaleAndMinimum(block + 4, run);
        const float scale = d * float(pair.scale);
        const float minimum = dmin * float(pair.minimum);
        const uint8_t* from = block + 16 + run / 2 * 32;
        const int shift = run % 2 * 4;
        for (int i = 0; i < 32; ++i)
            y[run * 32 + i] = scale * float((from[i] >> shift) & 15) - minimum;
    }
}

/// [d f16][dmin f16][8 pairs in 12 bytes][256 fifth bits][256 codes of 4 bits]. Bit r of byte i of the fifth bits
/// belongs to element 32 r + i.
void decodeQ5_K(const uint8_t* block, float* y) {
    const float d = halfAt(block);
    const float dmin = halfAt(block + 2);
    const uint8_t* fifthBits = block + 16;
    for (int run = 0; run < 8; ++run) {
        const ScaleAndMinimum pair = scaleAndMinimum(block + 4, run);
        const float scale = d * float(pair.scale);
        const float minimum = dmin * float(pair.minimum);
        const uint8_t* from = block + 48 + run / 2 * 32;
        const int shift = run % 2 * 4;
        for (int i = 0; i < 32; ++i) {
            const int fifth = (fifthBits[i] >> run) & 1;
            y[run * 32 + i] = scale * float(((from[i] >> shift) & 15) + 16 * fifth) - minimum;
        }
    }
}

/// [256 low 4 bits][256 high 2 bits][16 scales int8][d f16]. In each half of 128 elements, 64 bytes of low bits hold
/// runs 0, 1 (low nibbles) and 2, 3 (high nibbles) of 32 elements, and 32 bytes of high bits all four runs.
void decodeQ6_K(const uint8_t* block, float* y) {
    const uint8_t* scales = block + 192;
    const float d = halfAt(block + 208);
    for (int group = 0; group < 16; ++group) {
        const float scale = d * float(int8_t(scales[group]));
        const int half = group / 8;
        const int run = group % 8 / 2;
        const int within = group % 2 * 16;
        const uint8_t* low = block + half * 64 + run % 2 * 32 + within;
        const uint8_t* high = block + 128 + half * 32 + within;
        for (int i = 0; i < 16; ++i) {
            const int code = ((low[i] >> (run / 2 * 4)) & 15) | ((high[i] >> (run * 2)) & 3) << 4;
            y[group * 16 + i] = scale * float(code - 32);
        }
    }
}

template <void (*decodeBlock)(const uint8_t*, float*)>
void decodeAll(StoredType type, const uint8_t* input, int64_t blocks, float* out) {
    const StoredBlock block = storedBlock(type);
    for (int64_t b = 0; b < blocks; ++b)
        decodeBlock(input + b * block.bytes, out + b * block.elements);
}

} // namespace

void decodeGgmlBlocks(StoredType type, const std::byte* input, int64_t blocks, float* out) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(input);
    switch (type) {
    case StoredType::Q4_0:
        return decodeAll<decodeQ4_0>(type, bytes, blocks, out);
    case StoredType::Q4_1:
        return decodeAll<decodeQ4_1>(type, bytes, blocks, out);
    case StoredType::Q5_0:
        return decodeAll<decodeQ5_0>(type, bytes, blocks, out);
    case StoredType::Q5_1:
        return decodeAll<decodeQ5_1>(type, bytes, blocks, out);
    case StoredType::Q8_0:
        return decodeAll<decodeQ8_0>(type, bytes, blocks, out);
    case StoredType::Q2_K:
        return decodeAll<decodeQ2_K>(type, bytes, blocks, out);
    case StoredType::Q3_K:
        return decodeAll<decodeQ3_K>(type, bytes, blocks, out);
    case StoredType::Q4_K:
        return decodeAll<decodeQ4_K>(type, bytes, blocks, out);
    case StoredType::Q5_K:
        return decodeAll<decodeQ5_K>(type, bytes, blocks, out);
    case StoredType::Q6_K:
        return decodeAll<decodeQ6_K>(type, bytes, blocks, out);
    default:
        return;
    }
}

} // namespace lorikeet
