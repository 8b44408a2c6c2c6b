// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cpu/simd_targets.h"
#include "core/cpu/tiles.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/cpu/dropout.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/cpu/dropout_stream.h"
#include "core/cpu/simd_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lorikeet::HWY_NAMESPACE {

using Words = hn::RebindToUnsigned<Floats>;
using WordVector = hn::Vec<Words>;

/// The lower and the upper half of each 64-bit product.
struct Product {
    WordVector low, high;
};

HWY_INLINE Product multiplyWords(WordVector a, uint32_t factor) {
    const Words words;
#if HWY_TARGET == HWY_SCALAR
    const uint64_t product = uint64_t(hn::GetLane(a)) * factor;
    return {hn::Set(words, uint32_t(product)), hn::Set(words, uint32_t(product >> 32))};
#else
    const hn::RepartitionToWide<Words> wide;
    const WordVector b = hn::Set(words, factor);
    const auto even = hn::MulEven(a, b);
    const auto odd = hn::MulEven(hn::BitCast(words, hn::ShiftRight<32>(hn::BitCast(wide, a))), b);
    return {hn::OddEven(hn::BitCast(words, hn::ShiftLeft<32>(odd)), hn::BitCast(words, even)),
            hn::OddEven(hn::BitCast(words, odd), hn::BitCast(words, hn::ShiftRight<32>(even)))};
#endif
}

/// Factors of 4 * lanes() elements from `counter`'s block on: 0 where dropped, else `kept`. philox4x32() of
/// core/base/random.h, with a block in each lane.
HWY_INLINE void maskBlocks(const DropoutStream& stream, uint32_t block, float* mask) {
    const Words words;
    WordVector c0 = hn::Add(hn::Set(words, block), hn::Iota(words, 0)), c1 = hn::Set(words, stream.counter[1]);
    WordVector c2 = hn::Set(words, stream.counter[2]), c3 = hn::Set(words, stream.counter[3]);
    uint32_t key0 = stream.key[0], key1 = stream.key[1];
    for (int round = 0; round < kPhiloxRounds; ++round) {
        const Product p0 = multiplyWords(c0, kPhiloxMultiplier0), p1 = multiplyWords(c2, kPhiloxMultiplier1);
        c0 = hn::Xor(hn::Xor(p1.high, c1), hn::Set(words, key0));
        c1 = p1.low;
        c2 = hn::Xor(hn::Xor(p0.high, c3), hn::Set(words, key1));
        c3 = p0.low;
        key0 += kPhiloxWeyl0;
        key1 += kPhiloxWeyl1;
    }
    const auto factor = [&](WordVector word) LORIKEET_INLINE {
        const hn::RebindToSigned<Floats> integers;
        const Vec uniform =
            hn::Mul(hn::ConvertTo(Floats(), hn::BitCast(integers, hn::ShiftRight<8>(word))), set(0x1p-24f));
        return hn::IfThenElseZero(hn::Ge(uniform, set(stream.p)), set(stream.kept));
    };
    hn::StoreInterleaved4(factor(c0), factor(c1), factor(c2), factor(c3), Floats(), mask);
}

/// y = or += x * mask for elements [begin, begin + n) of a sequence; begin is a multiple of kTileElements.
void dropTile(const DropoutStream& stream, int64_t begin, const std::byte* x, DType xType, std::byte* y, DType yType,
              Output output, std::size_t n) {
    HWY_ALIGN float mask[4 * hn::MaxLanes(Floats())];
    withReal(xType, [&](auto from) {
        withReal(yType, [&](auto to) {
            const auto* source = reinterpret_cast<const decltype(from)*>(x);
            auto* target = reinterpret_cast<decltype(to)*>(y);
            for (std::size_t first = 0; first < n; first += 4 * lanes()) {
                maskBlocks(stream, uint32_t((begin + int64_t(first)) / 4), mask);
                forEachVector(HWY_MIN(n - first, 4 * lanes()), [&](std::size_t i, std::size_t count) LORIKEET_INLINE {
                    // A dropped element is zero even where it is not finite.
                    const Vec factor = loadVector(mask + i);
                    const Vec kept = hn::Mul(load(source + first + i, count), factor);
                    Vec value = hn::IfThenElseZero(hn::Ne(factor, set(0)), kept);
                    if (output == Output::Add)
                        value = hn::Add(load(target + first + i, count), value);
                    store(value, target + first + i, count);
                });
            }
        });
    });
}

} // namespace lorikeet::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lorikeet {

void CpuBackend::doDropout(ExecutionContext&, const Tensor& x, float p, const RandomStream& random, const Tensor& y,
                           Output output) {
    const auto tile = LORIKEET_KERNEL(m_kernels, dropTile);
    forEachTile(m_pool, y.elements(), kTileElements, [&](int64_t begin, int64_t end) {
        // A tile's blocks share the upper word of their number, since 2^32 is a multiple of a tile's blocks.
        const DropoutStream stream{p, 1.0f / (1.0f - p), random.counter(uint64_t(begin / 4)), random.key()};
        tile(stream, begin, elementAt(x, begin), x.dtype, elementAt(y, begin), y.dtype, output,
             std::size_t(end - begin));
    });
}

} // namespace lorikeet
#endif
