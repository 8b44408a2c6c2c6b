// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstring>

#include "core/cpu/column_strips.h"
#include "core/cpu/simd_targets.h"
#include "core/cpu/tiles.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/cpu/gather_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/cpu/simd_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lorikeet::HWY_NAMESPACE {

void addRow(DType type, const std::byte* dY, std::byte* dX, std::size_t columns) {
    withReal(type, [&](auto element) {
        using T = decltype(element);
        const T* source = reinterpret_cast<const T*>(dY);
        T* target = reinterpret_cast<T*>(dX);
        forEachVector(columns, [&](std::size_t i, std::size_t count) LORIKEET_INLINE {
            store(hn::Add(load(target + i, count), load(source + i, count)), target + i, count);
        });
    });
}

/// A strip of columns of table[ids[i], :] += dY[i, :], row after row; both begin at the strip's first column.
void addRowsByIds(DType type, const std::byte* dY, const int32_t* ids, float* table, std::size_t stride,
                  std::size_t rows, std::size_t columns) {
    withReal(type, [&](auto element) {
        const auto* source = reinterpret_cast<const decltype(element)*>(dY);
        for (std::size_t row = 0; row < rows; ++row) {
            float* target = table + std::size_t(ids[row]) * stride;
            forEachVector(columns, [&](std::size_t i, std::size_t count) LORIKEET_INLINE {
                store(hn::Add(load(target + i, count), load(source + row * stride + i, count)), target + i, count);
            });
        }
    });
}

} // namespace lorikeet::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lorikeet {

void CpuBackend::doGatherRows(ExecutionContext&, const Tensor& x, const Tensor& rows, const Tensor& y) {
    const int64_t columns = x.shape[1];
    const int32_t* indices = elementsOf<const int32_t>(rows);
    forEachRowTile(m_pool, y.shape[0], columns, [&](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row)
            std::memcpy(elementAt(y, row * columns), elementAt(x, indices[row] * columns),
                        std::size_t(columns) * dtypeSize(x.dtype));
    });
}

void CpuBackend::doScatterAddRows(ExecutionContext&, const Tensor& dY, const Tensor& rows, const Tensor& dX) {
    const auto add = LORIKEET_KERNEL(m_kernels, addRow);
    const int64_t columns = dX.shape[1];
    const int32_t* indices = elementsOf<const int32_t>(rows);
    forEachRowTile(m_pool, dY.shape[0], columns, [&](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row)
            add(dX.dtype, elementAt(dY, row * columns), elementAt(dX, indices[row] * columns), std::size_t(columns));
    });
}

void CpuBackend::doEmbeddingBackward(ExecutionContext&, const Tensor& dY, const Tensor& ids, const Tensor& dTable) {
    const auto add = LORIKEET_KERNEL(m_kernels, addRowsByIds);
    const int64_t columns = dTable.shape[1];
    forEachColumnStrip(m_pool, columns, [&](int64_t begin, int64_t end) {
        add(dY.dtype, elementAt(dY, begin), elementsOf<const int32_t>(ids), elementsOf<float>(dTable) + begin,
            std::size_t(columns), std::size_t(dY.shape[0]), std::size_t(end - begin));
    });
}

} // namespace lorikeet
#endif
