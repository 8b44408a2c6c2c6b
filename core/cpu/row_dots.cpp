// SPDX-License-Identifier: GPL-3.0-or-later
// Products of a matrix with one to four vectors (decoding): every value is read once, straight into the sums.
#include <array>

#include "core/cpu/matrix_kernels.h"
#include "core/cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/cpu/row_dots.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/cpu/read_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lorikeet::HWY_NAMESPACE {

constexpr int kSums = 4; ///< partial sums of one product, which hide the latency of adding
/// How far ahead codes are fetched: the hardware's own prefetch stops at pages.
constexpr int64_t kAhead = 4096;

template <int Count>
HWY_INLINE void clear(Vec (&sums)[Count][kSums]) {
    for (int i = 0; i < Count; ++i)
        for (int s = 0; s < kSums; ++s)
            sums[i][s] = set(0.0f);
}

template <int Count>
HWY_INLINE void writeSums(const Vec (&sums)[Count][kSums], float* out) {
    for (int i = 0; i < Count; ++i)
        out[i] = hn::GetLane(
            hn::SumOfLanes(Floats(), hn::Add(hn::Add(sums[i][0], sums[i][1]), hn::Add(sums[i][2], sums[i][3]))));
}

#if HWY_TARGET == HWY_SCALAR
constexpr int64_t kSpread = 0;
#else
/// Elements whose codes fill a vector with four of them in each lane. Lane d then holds elements 4d .. 4d+3, and nibble
/// j of it is element 4d + (j ^ 1), since the even element stands in the high nibble.
constexpr int64_t kSpread = 4 * int64_t(hn::MaxLanes(Floats()));

template <ReadAs As, int Count>
HWY_INLINE void dotFourBitRow(const MatrixView& m, int64_t row, const float* x, int64_t stride, float* out) {
    const hn::Rebind<uint16_t, Floats> halves;
    const hn::Repartition<uint8_t, decltype(halves)> bytes; // codes may begin at any address
    const int64_t first = row * m.columns;
    const auto* codes = reinterpret_cast<const uint8_t*>(m.data) + first / 2;
    int64_t block = first / m.blocksize;
    Vec sums[Count][kSums];
    clear(sums);
    for (int64_t begin = 0; begin < m.columns; begin += m.blocksize, ++block) {
        const Table16 table = Table16::scaled<As>(m.codebook, m.scaleOf(block));
        for (int64_t k = begin; k < begin + m.blocksize; k += kSpread) {
            hwy::Prefetch(codes + k / 2 + kAhead);
            const WordVec words = hn::PromoteTo(Words(), hn::BitCast(halves, hn::LoadU(bytes, codes + k / 2)));
            const Vec values[kSums] = {table.lookUp(words), table.lookUp(hn::ShiftRight<4>(words)),
                                       table.lookUp(hn::ShiftRight<8>(words)), table.lookUp(hn::ShiftRight<12>(words))};
            for (int i = 0; i < Count; ++i)
                for (int s = 0; s < kSums; ++s)
                    sums[i][s] =
                        hn::MulAdd(values[s], loadVector(x + i * stride + k + s * int64_t(lanes())), sums[i][s]);
        }
    }
    writeSums(sums, out);
}
#endif

/// The values of a vector's worth of codes or dense elements.
template <ReadAs As, MatrixView::Form Form>
HWY_INLINE Vec valuesAt(const std::byte* data, int64_t at, Vec scale) {
    using F = MatrixView::Form;
    if constexpr (Form == F::F32)
        return keepOrRound<As>(loadVector(reinterpret_cast<const float*>(data) + at));
    else if constexpr (Form == F::BF16)
        return loadVector(reinterpret_cast<const Bfloat16*>(data) + at);
    else if constexpr (Form == F::F16)
        return keepOrRound<As>(loadHalves(reinterpret_cast<const uint16_t*>(data) + at, lanes()));
    else
        return keepOrRound<As>(hn::Mul(eightBitValues<Form>(reinterpret_cast<const int8_t*>(data) + at), scale));
}

template <ReadAs As, MatrixView::Form Form, int Count>
HWY_INLINE void dotRow(const MatrixView& m, int64_t row, const float* x, int64_t stride, float* out) {
    constexpr bool kBlocks = Form > MatrixView::Form::F16;
    const int64_t first = row * m.columns;
    const auto step = int64_t(lanes());
    const int64_t length = kBlocks ? m.blocksize : m.columns;
    Vec sums[Count][kSums];
    clear(sums);
    for (int64_t begin = 0; begin < m.columns; begin += length) {
        const Vec scale = set(kBlocks ? m.scaleOf((first + begin) / length) : 1.0f);
        const int64_t end = begin + length;
        int64_t k = begin;
        const auto addVector = [&](int s) LORIKEET_INLINE {
            const Vec values = valuesAt<As, Form>(m.data, first + k, scale);
            for (int i = 0; i < Count; ++i)
                sums[i][s] = hn::MulAdd(values, loadVector(x + i * stride + k), sums[i][s]);
            k += step;
        };
        while (k + 4 * step <= end) {
            addVector(0);
            addVector(1);
            addVector(2);
            addVector(3);
        }
        while (k < end)
            addVector(0);
    }
    writeSums(sums, out);
}

template <ReadAs As, MatrixView::Form Form, int Count>
void dotRowsOf(const MatrixView& m, int64_t row, int64_t rows, const float* x, int64_t stride, float* out) {
    for (int64_t r = 0; r < rows; ++r) {
        if constexpr (Form != MatrixView::Form::FourBit)
            dotRow<As, Form, Count>(m, row + r, x, stride, out + r * Count);
#if HWY_TARGET != HWY_SCALAR
        else
            dotFourBitRow<As, Count>(m, row + r, x, stride, out + r * Count);
#endif
    }
}

template <ReadAs As, int Count>
void dotRowsAs(const MatrixView& m, int64_t row, int64_t rows, const float* x, int64_t stride, float* out) {
    using Form = MatrixView::Form;
    switch (m.form) {
    case Form::F32:
        return dotRowsOf<As, Form::F32, Count>(m, row, rows, x, stride, out);
    case Form::BF16:
        return dotRowsOf<As, Form::BF16, Count>(m, row, rows, x, stride, out);
    case Form::F16:
        return dotRowsOf<As, Form::F16, Count>(m, row, rows, x, stride, out);
    case Form::FourBit:
        return dotRowsOf<As, Form::FourBit, Count>(m, row, rows, x, stride, out);
    case Form::Int8:
        return dotRowsOf<As, Form::Int8, Count>(m, row, rows, x, stride, out);
    case Form::Q8_0:
        return dotRowsOf<As, Form::Q8_0, Count>(m, row, rows, x, stride, out);
    }
}

template <int Count>
void dotRowsWith(const MatrixView& m, int64_t row, int64_t rows, const float* x, int64_t stride, float* out) {
    if (m.readAs == ReadAs::Bfloat16)
        dotRowsAs<ReadAs::Bfloat16, Count>(m, row, rows, x, stride, out);
    else
        dotRowsAs<ReadAs::Float32, Count>(m, row, rows, x, stride, out);
}

RowDots dotKernels() {
    return {.spread = kSpread,
            .lanes = int64_t(lanes()),
            .dots = {dotRowsWith<1>, dotRowsWith<2>, dotRowsWith<3>, dotRowsWith<4>}};
}

} // namespace lorikeet::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lorikeet {

HWY_EXPORT(dotKernels);

RowDots rowDots(KernelSet set) {
    return LORIKEET_KERNEL(set, dotKernels)();
}

bool RowDots::canRead(const MatrixView& m) const {
    if (m.form == MatrixView::Form::FourBit)
        return spread > 0 && m.columns % m.blocksize == 0 && m.blocksize % spread == 0;
    const bool blocks = m.form == MatrixView::Form::Int8 || m.form == MatrixView::Form::Q8_0;
    return m.columns % lanes == 0 && (!blocks || (m.columns % m.blocksize == 0 && m.blocksize % lanes == 0));
}

void RowDots::arrange(const MatrixView& m, float* x) const {
    if (m.form != MatrixView::Form::FourBit)
        return;
    std::array<float, 64> values;
    for (int64_t k = 0; k < m.columns; k += spread, x += spread) {
        std::copy_n(x, spread, values.begin());
        for (int64_t nibble = 0; nibble < 4; ++nibble)
            for (int64_t lane = 0; lane < spread / 4; ++lane)
                x[nibble * (spread / 4) + lane] = values[std::size_t(4 * lane + (nibble ^ 1))];
    }
}

} // namespace lorikeet
#endif
