// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>

namespace lorikeet {

/// Philox4x32 with 10 rounds (Salmon, Moraes, Dror, Shaw: Parallel Random Numbers: As Easy as 1, 2, 3; SC 2011).
std::array<uint32_t, 4> philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

/// Its constants, for those who compute many blocks at once: two odd multipliers, and the golden ratio and sqrt(3) - 1
/// as increments of the key.
inline constexpr uint32_t kPhiloxMultiplier0 = 0xD2511F53u;
inline constexpr uint32_t kPhiloxMultiplier1 = 0xCD9E8D57u;
inline constexpr uint32_t kPhiloxWeyl0 = 0x9E3779B9u;
inline constexpr uint32_t kPhiloxWeyl1 = 0xBB67AE85u;
inline constexpr int kPhiloxRounds = 10;

/// What a random number is for. The values are part of what a seed means: never renumber them.
enum class RandomPurpose : uint32_t {
    AdapterInit = 1,
    Shuffle = 2,
    Dropout = 3,
    Sampling = 4,
    EvalSplit = 5,
    Neftune = 6
};

/// One reproducible sequence, named by (seed, purpose, stream, step): no state, any element at any time, any thread.
/// `stream` tells apart uses of one purpose within a step, such as the layer that drops out.
struct RandomStream {
    uint64_t seed = 0;
    RandomPurpose purpose = RandomPurpose::Sampling;
    uint32_t stream = 0;
    uint32_t step = 0;

    /// Four independent words: elements 4*block .. 4*block+3 of the sequence.
    std::array<uint32_t, 4> words(uint64_t block) const { return philox4x32(counter(block), key()); }
    /// Philox's counter of a block; its first word is the lower half of the block's number, below 2^56.
    std::array<uint32_t, 4> counter(uint64_t block) const;
    std::array<uint32_t, 2> key() const { return {uint32_t(seed), uint32_t(seed >> 32)}; }
    uint32_t word(uint64_t index) const;
    /// Uniform in [0, 1), 24 bits.
    float uniform(uint64_t index) const;
    /// Standard normal, by Box-Muller on words 2*index and 2*index+1.
    float normal(uint64_t index) const;
    /// Uniform in [0, bound), bound >= 1.
    uint64_t below(uint64_t index, uint64_t bound) const;
};

} // namespace lorikeet
