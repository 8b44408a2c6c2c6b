// SPDX-License-Identifier: GPL-3.0-or-later
// Transposing rows of 4-byte units into a panel, once per target: included again for each, hence no pragma once. Units
// are read as bytes: a row of bfloat16 pairs may begin at any even address.
#if defined(LORIKEET_CPU_TRANSPOSE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef LORIKEET_CPU_TRANSPOSE_INL_H
#undef LORIKEET_CPU_TRANSPOSE_INL_H
#else
#define LORIKEET_CPU_TRANSPOSE_INL_H
#endif

#include <algorithm>
#include <cstring>

#include "core/cpu/simd_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lorikeet::HWY_NAMESPACE {

/// Four units are the 128 bits of a block.
inline constexpr int64_t kUnitBytes = 4;

/// Units [begin, depth) of each row, one by one.
HWY_INLINE void transposeUnits(const uint8_t* rows, int64_t stride, int64_t count, int64_t begin, int64_t depth,
                               int width, float* panel) {
    for (int64_t d = begin; d < depth; ++d)
        for (int64_t i = 0; i < count; ++i)
            std::memcpy(panel + d * width + i, rows + (i * stride + d) * kUnitBytes, kUnitBytes);
}

#if HWY_TARGET == HWY_SCALAR
HWY_INLINE void transposeRows(const void* rows, int64_t stride, int64_t count, int64_t depth, int width, float* panel) {
    transposeUnits(static_cast<const uint8_t*>(rows), stride, count, 0, depth, width, panel);
}
#else
/// Four units from each of `Lanes` / 4 rows, a block each.
template <int Lanes>
HWY_INLINE auto loadBlocks(const uint8_t* const* rows, int64_t at) {
    if constexpr (Lanes == 4) {
        return hn::BitCast(hn::Full128<float>(), hn::LoadU(hn::Full128<uint8_t>(), rows[0] + at * kUnitBytes));
    } else {
        const hn::CappedTag<float, Lanes> tag;
        return hn::Combine(tag, loadBlocks<Lanes / 2>(rows + Lanes / 8, at), loadBlocks<Lanes / 2>(rows, at));
    }
}

/// The vectors of units d .. d + 3 of all rows; blocks[i][b] is row 4 b + i.
template <int Lanes>
HWY_INLINE void transposeFour(const uint8_t* const blocks[4][Lanes / 4], int64_t d, Vec out[4]) {
    const hn::Repartition<uint64_t, Floats> pairs;
    const Vec a = loadBlocks<Lanes>(blocks[0], d), b = loadBlocks<Lanes>(blocks[1], d);
    const Vec c = loadBlocks<Lanes>(blocks[2], d), e = loadBlocks<Lanes>(blocks[3], d);
    const auto ab0 = hn::BitCast(pairs, hn::InterleaveLower(Floats(), a, b));
    const auto ab2 = hn::BitCast(pairs, hn::InterleaveUpper(Floats(), a, b));
    const auto ce0 = hn::BitCast(pairs, hn::InterleaveLower(Floats(), c, e));
    const auto ce2 = hn::BitCast(pairs, hn::InterleaveUpper(Floats(), c, e));
    out[0] = hn::BitCast(Floats(), hn::InterleaveLower(pairs, ab0, ce0));
    out[1] = hn::BitCast(Floats(), hn::InterleaveUpper(pairs, ab0, ce0));
    out[2] = hn::BitCast(Floats(), hn::InterleaveLower(pairs, ab2, ce2));
    out[3] = hn::BitCast(Floats(), hn::InterleaveUpper(pairs, ab2, ce2));
}

/// panel[d * width + i] = unit i * stride + d of rows, for up to a vector of rows.
HWY_INLINE void transposeVectorOfRows(const uint8_t* rows, int64_t stride, int64_t count, int64_t depth, int width,
                                      float* panel) {
    constexpr int kVectorLanes = int(hn::MaxLanes(Floats()));
    const uint8_t* blocks[4][kVectorLanes / 4];
    for (int i = 0; i < kVectorLanes; ++i) { // beyond the last row: arbitrary
        const int64_t row = std::min<int64_t>(i, count - 1);
        blocks[i % 4][i / 4] = rows + row * stride * kUnitBytes;
    }
    const auto mask = hn::FirstN(Floats(), std::size_t(count));
    const bool whole = count == kVectorLanes;
    int64_t d = 0;
    for (; d + 4 <= depth; d += 4) {
        Vec columns[4];
        transposeFour<kVectorLanes>(blocks, d, columns);
        for (int i = 0; i < 4; ++i) {
            if (whole)
                hn::StoreU(columns[i], Floats(), panel + (d + i) * width);
            else
                hn::BlendedStore(columns[i], mask, Floats(), panel + (d + i) * width);
        }
    }
    transposeUnits(rows, stride, count, d, depth, width, panel);
}

/// panel[d * width + i] = unit i * stride + d of rows, for i < count <= width; rows may begin at any address.
HWY_INLINE void transposeRows(const void* rows, int64_t stride, int64_t count, int64_t depth, int width, float* panel) {
    const auto step = int64_t(lanes());
    const auto* bytes = static_cast<const uint8_t*>(rows);
    for (int64_t i = 0; i < count; i += step)
        transposeVectorOfRows(bytes + i * stride * kUnitBytes, stride, std::min(step, count - i), depth, width,
                              panel + i);
}
#endif

} // namespace lorikeet::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
