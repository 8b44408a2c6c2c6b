// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "core/cpu/simd_targets.h"
#include "core/cpu/tiles.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/cpu/rms_norm.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/cpu/column_sums_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lorikeet::HWY_NAMESPACE {

void normRows(DType type, const std::byte* xBytes, DType weightType, const std::byte* weightBytes, float epsilon,
              std::byte* yBytes, float* rstd, std::size_t rows, std::size_t columns) {
    withReal(type, [&](auto element) {
        withReal(weightType, [&](auto weightElement) {
            using T = decltype(element);
            const auto* weight = reinterpret_cast<const decltype(weightElement)*>(weightBytes);
            for (std::size_t row = 0; row < rows; ++row) {
                const T* x = reinterpret_cast<const T*>(xBytes) + row * columns;
                T* y = reinterpret_cast<T*>(yBytes) + row * columns;
                const float squares = sumVectors(columns, [&](std::size_t i, std::size_t count) LORIKEET_INLINE {
                    const Vec value = load(x + i, count);
                    return hn::Mul(value, value);
                });
                rstd[row] = 1.0f / std::sqrt(squares / float(columns) + epsilon);
                const Vec factor = set(rstd[row]);
                forEachVector(columns, [&](std::size_t i, std::size_t count) LORIKEET_INLINE {
                    const Vec normal = roundTo<T>(hn::Mul(load(x + i, count), factor));
                    store(hn::Mul(load(weight + i, count), normal), y + i, count);
                });
            }
        });
    });
}

void normRowsBackward(DType type, const std::byte* dYBytes, const std::byte* xBytes, DType weightType,
                      const std::byte* weightBytes, const float* rstd, std::byte* dXBytes, Output output,
                      std::size_t rows, std::size_t columns) {
    withReal(type, [&](auto element) {
        withReal(weightType, [&](auto weightElement) {
            using T = decltype(element);
            const auto* weight = reinterpret_cast<const decltype(weightElement)*>(weightBytes);
            for (std::size_t row = 0; row < rows; ++row) {
                const T* dY = reinterpret_cast<const T*>(dYBytes) + row * columns;
                const T* x = reinterpret_cast<const T*>(xBytes) + row * columns;
                T* dX = reinterpret_cast<T*>(dXBytes) + row * columns;
                const float dot = sumVectors(columns, [&](std::size_t i, std::size_t count) LORIKEET_INLINE {
                    return hn::Mul(hn::Mul(load(dY + i, count), load(weight + i, count)), load(x + i, count));
                });
                const Vec factor = set(rstd[row]);
                const Vec shrink = set(rstd[row] * rstd[row] * dot / float(columns));
                forEachVector(columns, [&](std::size_t i, std::size_t count) LORIKEET_INLINE {
                    const Vec direct = hn::Mul(load(dY + i, count), load(weight + i, count));
                    put(hn::Mul(factor, hn::NegMulAdd(shrink, load(x + i, count), direct)), dX + i, count, output);
                });
            }
        });
    });
}

void normWeightStrip(DType type, const std::byte* dY, const std::byte* x, std::size_t stride, const float* rstd,
                     std::size_t rows, std::size_t columns, float* dWeight) {
    withReal(type, [&](auto element) {
        using T = decltype(element);
        const T *gradient = reinterpret_cast<const T*>(dY), *input = reinterpret_cast<const T*>(x);
        sumStrip(rows, columns, 1.0f, dWeight, Output::Add,
                 [&](std::size_t row, std::size_t c, std::size_t count) LORIKEET_INLINE {
                     const Vec normal = roundTo<T>(hn::Mul(load(input + row * stride + c, count), set(rstd[row])));
                     return hn::Mul(load(gradient + row * stride + c, count), normal);
                 });
    });
}

} // namespace lorikeet::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lorikeet {

void CpuBackend::doRmsNorm(ExecutionContext&, const Tensor& x, const Tensor& weight, float epsilon, const Tensor& y,
                           const Tensor& rstd) {
    const auto tile = LORIKEET_KERNEL(m_kernels, normRows);
    const int64_t columns = x.shape[1];
    forEachRowTile(m_pool, x.shape[0], columns, [&](int64_t begin, int64_t end) {
        tile(x.dtype, elementAt(x, begin * columns), weight.dtype, weight.data, epsilon, elementAt(y, begin * columns),
             elementsOf<float>(rstd) + begin, std::size_t(end - begin), std::size_t(columns));
    });
}

void CpuBackend::doRmsNormBackward(ExecutionContext&, const Tensor& dY, const Tensor& x, const Tensor& weight,
                                   const Tensor& rstd, const Tensor& dX, Output output) {
    const auto tile = LORIKEET_KERNEL(m_kernels, normRowsBackward);
    const int64_t columns = x.shape[1];
    forEachRowTile(m_pool, x.shape[0], columns, [&](int64_t begin, int64_t end) {
        tile(x.dtype, elementAt(dY, begin * columns), elementAt(x, begin * columns), weight.dtype, weight.data,
             elementsOf<const float>(rstd) + begin, elementAt(dX, begin * columns), output, std::size_t(end - begin),
             std::size_t(columns));
    });
}

void CpuBackend::doRmsNormBackwardWeight(ExecutionContext&, const Tensor& dY, const Tensor& x, const Tensor& rstd,
                                         const Tensor& dWeight) {
    const auto strip = LORIKEET_KERNEL(m_kernels, normWeightStrip);
    const int64_t columns = x.shape[1];
    forEachColumnStrip(m_pool, columns, [&](int64_t begin, int64_t end) {
        strip(x.dtype, elementAt(dY, begin), elementAt(x, begin), std::size_t(columns), elementsOf<const float>(rstd),
              std::size_t(x.shape[0]), std::size_t(end - begin), elementsOf<float>(dWeight) + begin);
    });
}

} // namespace lorikeet
#endif
