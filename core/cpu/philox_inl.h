// SPDX-License-Identifier: GPL-3.0-or-later
// Uniform random numbers by vectors, once per target: included again for each, hence no pragma once.
#if defined(LORIKEET_CPU_PHILOX_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef LORIKEET_CPU_PHILOX_INL_H
#undef LORIKEET_CPU_PHILOX_INL_H
#else
#define LORIKEET_CPU_PHILOX_INL_H
#endif

#include "core/cpu/random_blocks.h"
#include "core/cpu/simd_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lorikeet::HWY_NAMESPACE {

using RandomWords = hn::RebindToUnsigned<Floats>;
using RandomVector = hn::Vec<RandomWords>;

/// The lower and the upper half of each 64-bit product.
struct Product {
    RandomVector low, high;
};

HWY_INLINE Product multiplyWords(RandomVector a, uint32_t factor) {
    const RandomWords words;
#if HWY_TARGET == HWY_SCALAR
    const uint64_t product = uint64_t(hn::GetLane(a)) * factor;
    return {hn::Set(words, uint32_t(product)), hn::Set(words, uint32_t(product >> 32))};
#else
    const hn::RepartitionToWide<RandomWords> wide;
    const RandomVector b = hn::Set(words, factor);
    const auto even = hn::MulEven(a, b);
    const auto odd = hn::MulEven(hn::BitCast(words, hn::ShiftRight<32>(hn::BitCast(wide, a))), b);
    return {hn::OddEven(hn::BitCast(words, hn::ShiftLeft<32>(odd)), hn::BitCast(words, even)),
            hn::OddEven(hn::BitCast(words, odd), hn::BitCast(words, hn::ShiftRight<32>(even)))};
#endif
}

/// map(RandomStream::uniform) of 4 * lanes() elements from `block` on: philox4x32() of core/base/random.h, with a block
/// in each lane.
template <typename Map>
HWY_INLINE void uniformBlocks(const RandomBlocks& random, uint32_t block, Map&& map, float* out) {
    const RandomWords words;
    RandomVector c0 = hn::Add(hn::Set(words, block), hn::Iota(words, 0)), c1 = hn::Set(words, random.counter[1]);
    RandomVector c2 = hn::Set(words, random.counter[2]), c3 = hn::Set(words, random.counter[3]);
    uint32_t key0 = random.key[0], key1 = random.key[1];
    for (int round = 0; round < kPhiloxRounds; ++round) {
        const Product p0 = multiplyWords(c0, kPhiloxMultiplier0), p1 = multiplyWords(c2, kPhiloxMultiplier1);
        c0 = hn::Xor(hn::Xor(p1.high, c1), hn::Set(words, key0));
        c1 = p1.low;
        c2 = hn::Xor(hn::Xor(p0.high, c3), hn::Set(words, key1));
        c3 = p0.low;
        key0 += kPhiloxWeyl0;
        key1 += kPhiloxWeyl1;
    }
    const auto uniform = [&](RandomVector word) LORIKEET_INLINE {
        const hn::RebindToSigned<Floats> integers;
        const auto bits = hn::BitCast(integers, hn::ShiftRight<8>(word));
        return map(hn::Mul(hn::ConvertTo(Floats(), bits), set(0x1p-24f)));
    };
    hn::StoreInterleaved4(uniform(c0), uniform(c1), uniform(c2), uniform(c3), Floats(), out);
}

} // namespace lorikeet::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
