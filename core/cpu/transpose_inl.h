// SPDX-License-Identifier: GPL-3.0-or-later
// Transposing rows of 4-byte units into a panel, once per target: included again for each, hence no pragma once.
#if defined(LORIKEET_CPU_TRANSPOSE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef LORIKEET_CPU_TRANSPOSE_INL_H
#undef LORIKEET_CPU_TRANSPOSE_INL_H
#else
#define LORIKEET_CPU_TRANSPOSE_INL_H
#endif

#include <algorithm>

#include "core/cpu/simd_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lorikeet::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR
HWY_INLINE void transposeRows(const float* rows, int64_t stride, int64_t count, int64_t depth, int width,
                              float* panel) {
    for (int64_t d = 0; d < depth; ++d)
        for (int64_t i = 0; i < count; ++i)
            panel[d * width + i] = rows[i * stride + d];
}
#else
/// Four elements from each of `Lanes` / 4 rows, a block of 128 bits each.
template <int Lanes>
HWY_INLINE auto loadBlocks(const float* const* rows, int64_t at) {
    if constexpr (Lanes == 4) {
        return hn::LoadU(hn::Full128<float>(), rows[0] + at);
    } else {
        const hn::CappedTag<float, Lanes> tag;
        return hn::Combine(tag, loadBlocks<Lanes / 2>(rows + Lanes / 8, at), loadBlocks<Lanes / 2>(rows, at));
    }
}

/// The vectors of elements d .. d + 3 of all rows; blocks[i][b] is row 4 b + i.
template <int Lanes>
HWY_INLINE void transposeFour(const float* const blocks[4][Lanes / 4], int64_t d, Vec out[4]) {
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

/// panel[d * width + i] = rows[i * stride + d] for up to a vector of rows.
HWY_INLINE void transposeVectorOfRows(const float* rows, int64_t stride, int64_t count, int64_t depth, int width,
                                      float* panel) {
    constexpr int kVectorLanes = int(hn::MaxLanes(Floats()));
    const float* blocks[4][kVectorLanes / 4];
    for (int i = 0; i < kVectorLanes; ++i)
        blocks[i % 4][i / 4] = rows + std::min<int64_t>(i, count - 1) * stride; // beyond the last: arbitrary
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
    for (; d < depth; ++d)
        for (int64_t i = 0; i < count; ++i)
            panel[d * width + i] = rows[i * stride + d];
}

/// panel[d * width + i] = rows[i * stride + d] for i < count <= width.
HWY_INLINE void transposeRows(const float* rows, int64_t stride, int64_t count, int64_t depth, int width,
                              float* panel) {
    const auto step = int64_t(lanes());
    for (int64_t i = 0; i < count; i += step)
        transposeVectorOfRows(rows + i * stride, stride, std::min(step, count - i), depth, width, panel + i);
}
#endif

} // namespace lorikeet::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
