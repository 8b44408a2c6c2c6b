// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"

#include <cmath>
#include <numbers>

namespace lorikeet {

std::array<uint32_t, 4> philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
    for (int round = 0; round < kPhiloxRounds; ++round) {
        const uint64_t product0 = uint64_t(kPhiloxMultiplier0) * counter[0];
        const uint64_t product1 = uint64_t(kPhiloxMultiplier1) * counter[2];
        counter = {uint32_t(product1 >> 32) ^ counter[1] ^ key[0], uint32_t(product1),
                   uint32_t(product0 >> 32) ^ counter[3] ^ key[1], uint32_t(product0)};
        key[0] += kPhiloxWeyl0;
        key[1] += kPhiloxWeyl1;
    }
    return counter;
}

std::array<uint32_t, 4> RandomStream::counter(uint64_t block) const {
    // A sequence has up to 2^56 blocks, so the purpose fits above the block's number.
    return {uint32_t(block), (uint32_t(purpose) << 24) | (uint32_t(block >> 32) & 0xffffffu), stream, step};
}

uint32_t RandomStream::word(uint64_t index) const {
    return words(index / 4)[index % 4];
}

float RandomStream::uniform(uint64_t index) const {
    return float(word(index) >> 8) * 0x1p-24f;
}

float RandomStream::normal(uint64_t index) const {
    const std::array<uint32_t, 4> block = words(index / 2);
    const std::size_t first = 2 * (index % 2);
    const double radius = std::sqrt(-2.0 * std::log((double(block[first]) + 1.0) * 0x1p-32));
    const double angle = 2.0 * std::numbers::pi * (double(block[first + 1]) * 0x1p-32);
    return float(radius * std::cos(angle));
}

uint64_t RandomStream::below(uint64_t index, uint64_t bound) const {
    const std::array<uint32_t, 4> block = words(index / 2);
    const std::size_t first = 2 * (index % 2);
    const uint64_t value = (uint64_t(block[first]) << 32) | block[first + 1];
    // The upper half of value * bound, by 32-bit halves: its bias is bound / 2^64.
    const uint64_t low = (value & 0xffffffffu) * (bound & 0xffffffffu);
    const uint64_t cross0 = (value >> 32) * (bound & 0xffffffffu) + (low >> 32);
    const uint64_t cross1 = (value & 0xffffffffu) * (bound >> 32) + (cross0 & 0xffffffffu);
    return (value >> 32) * (bound >> 32) + (cross0 >> 32) + (cross1 >> 32);
}

} // namespace lorikeet
