// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstring>

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

} // namespace lorikeet
#endif
