// SPDX-License-Identifier: GPL-3.0-or-later
// Sums down the columns of activations, once per target: included again for each, hence no pragma once.
#if defined(LORIKEET_CPU_COLUMN_SUMS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef LORIKEET_CPU_COLUMN_SUMS_INL_H
#undef LORIKEET_CPU_COLUMN_SUMS_INL_H
#else
#define LORIKEET_CPU_COLUMN_SUMS_INL_H
#endif

#include <algorithm>

#include "core/cpu/column_strips.h"
#include "core/cpu/simd_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lorikeet::HWY_NAMESPACE {

/// sums[c] = or += alpha * the sum over all rows of body(row, c, count), a vector of columns, for c < columns <=
/// kColumnStrip. Rows are summed by groups, so that the error grows with the groups only.
template <typename Body>
HWY_INLINE void sumStrip(std::size_t rows, std::size_t columns, float alpha, float* sums, Output output, Body&& body) {
    constexpr std::size_t kGroup = 64;
    HWY_ALIGN float total[kColumnStrip] = {};
    for (std::size_t first = 0; first < rows; first += kGroup) {
        HWY_ALIGN float group[kColumnStrip] = {};
        const std::size_t end = std::min(rows, first + kGroup);
        for (std::size_t row = first; row < end; ++row)
            forEachVector(columns, [&](std::size_t c, std::size_t count) LORIKEET_INLINE {
                store(hn::Add(load(group + c, count), body(row, c, count)), group + c, count);
            });
        forEachVector(columns, [&](std::size_t c, std::size_t count) LORIKEET_INLINE {
            store(hn::Add(load(total + c, count), load(group + c, count)), total + c, count);
        });
    }
    forEachVector(columns, [&](std::size_t c, std::size_t count) LORIKEET_INLINE {
        put(hn::Mul(set(alpha), load(total + c, count)), sums + c, count, output);
    });
}

} // namespace lorikeet::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
