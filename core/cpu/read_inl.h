// SPDX-License-Identifier: GPL-3.0-or-later
// Reading matrices of any form as floats, once per target: included again for each, hence no pragma once.
#if defined(LORIKEET_CPU_READ_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef LORIKEET_CPU_READ_INL_H
#undef LORIKEET_CPU_READ_INL_H
#else
#define LORIKEET_CPU_READ_INL_H
#endif

#include <algorithm>

#include "core/cpu/matrix_view.h"
#include "core/cpu/simd_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lorikeet::HWY_NAMESPACE {

template <ReadAs As>
HWY_INLINE Vec keepOrRound(Vec v) {
    if constexpr (As == ReadAs::Bfloat16)
        return roundTo<Bfloat16>(v);
    else
        return v;
}

template <ReadAs As>
HWY_INLINE float keepOrRound(float value) {
    return As == ReadAs::Bfloat16 ? roundToBfloat16(value) : value;
}

template <ReadAs As>
HWY_INLINE float fourBitValue(const MatrixView& m, int64_t element, float scale) {
    const unsigned pair = unsigned(m.data[element / 2]);
    return keepOrRound<As>(m.codebook[element % 2 == 0 ? pair >> 4 : pair & 15u] * scale);
}

#if HWY_TARGET == HWY_SCALAR
template <ReadAs As>
HWY_INLINE int64_t readFourBitVectors(const MatrixView&, int64_t, int64_t, float, float*) {
    return 0;
}
#else
using Words = hn::RebindToUnsigned<Floats>;
using WordVec = hn::Vec<Words>;

/// Sixteen values, looked up by the low four bits of each lane.
class Table16 {
public:
    template <ReadAs As>
    static HWY_INLINE Table16 scaled(const float* values, float scale) {
        Table16 table;
        for (std::size_t i = 0; i < kParts; ++i)
            table.setPart(i, keepOrRound<As>(hn::Mul(loadVector(values + i * lanes()), set(scale))));
        return table;
    }

#if HWY_TARGET == HWY_AVX3
    HWY_INLINE Vec lookUp(WordVec codes) const {
        return Vec{_mm512_permutexvar_ps(codes.raw, m_parts[0].raw)};
    }
#elif HWY_TARGET == HWY_AVX2
    HWY_INLINE Vec lookUp(WordVec codes) const {
        // The permutation sees three bits; the fourth, moved to the sign, selects between both halves of the table.
        const __m256 low = _mm256_permutevar8x32_ps(m_parts[0].raw, codes.raw);
        const __m256 high = _mm256_permutevar8x32_ps(m_parts[1].raw, codes.raw);
        return Vec{_mm256_blendv_ps(low, high, _mm256_castsi256_ps(_mm256_slli_epi32(codes.raw, 28)))};
    }
#else
    HWY_INLINE Vec lookUp(WordVec codes) const {
        const hn::RebindToSigned<Floats> integers;
        return hn::GatherIndex(Floats(), m_values, hn::BitCast(integers, hn::And(codes, hn::Set(Words(), 15))));
    }
#endif

private:
    static constexpr std::size_t kParts = 16 / hn::MaxLanes(Floats());

#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX2
    HWY_INLINE void setPart(std::size_t i, Vec v) {
        m_parts[i] = v;
    }
    Vec m_parts[kParts];
#else
    HWY_INLINE void setPart(std::size_t i, Vec v) {
        storeVector(v, m_values + i * lanes());
    }
    HWY_ALIGN float m_values[16];
#endif
};

/// How the 32 codes of 16 bytes spread over vectors: lane j takes byte j / 2, an even lane its high nibble.
struct NibblePattern {
    static constexpr std::size_t kLanes = hn::MaxLanes(Floats());
    static constexpr std::size_t kVectors = 32 / kLanes;
    HWY_ALIGN uint8_t bytes[kVectors][4 * kLanes];
    HWY_ALIGN uint32_t shifts[kLanes];

    constexpr NibblePattern() : bytes(), shifts() {
        for (std::size_t i = 0; i < 32; ++i) {
            uint8_t* lane = bytes[i / kLanes] + 4 * (i % kLanes);
            lane[0] = uint8_t(i / 2);
            lane[1] = lane[2] = lane[3] = 0x80;
        }
        for (std::size_t i = 0; i < kLanes; ++i)
            shifts[i] = i % 2 == 0 ? 4 : 0;
    }
};
inline constexpr NibblePattern kNibbles;

/// Elements [first, first + count) of one block, first being even; returns how many it read, in steps of 32.
template <ReadAs As>
HWY_INLINE int64_t readFourBitVectors(const MatrixView& m, int64_t first, int64_t count, float scale, float* out) {
    if (count < 32)
        return 0;
    const hn::Repartition<uint8_t, Floats> bytes;
    const Table16 table = Table16::scaled<As>(m.codebook, scale);
    const WordVec shifts = hn::Load(Words(), kNibbles.shifts);
    const auto* codes = reinterpret_cast<const uint8_t*>(m.data) + first / 2;
    int64_t i = 0;
    for (; count - i >= 32; i += 32) {
        const auto spread = hn::LoadDup128(bytes, codes + i / 2);
        for (std::size_t v = 0; v < NibblePattern::kVectors; ++v) {
            const auto lane = hn::TableLookupBytesOr0(spread, hn::Load(bytes, kNibbles.bytes[v]));
            storeVector(table.lookUp(hn::Shr(hn::BitCast(Words(), lane), shifts)), out + i + int64_t(v * lanes()));
        }
    }
    return i;
}
#endif

/// Elements [first, first + count) of one block.
template <ReadAs As>
HWY_INLINE void readFourBit(const MatrixView& m, int64_t first, int64_t count, float scale, float* out) {
    int64_t i = 0;
    if (first % 2 != 0 && count > 0)
        out[i++] = fourBitValue<As>(m, first, scale);
    i += readFourBitVectors<As>(m, first + i, count - i, scale, out + i);
    for (; i < count; ++i)
        out[i] = fourBitValue<As>(m, first + i, scale);
}

template <MatrixView::Form Form>
inline constexpr float kEightBitDivisor = Form == MatrixView::Form::Int8 ? 127.0f : 1.0f;

/// A vector of 8-bit codes, unscaled; a code of Int8 stands for 127ths.
template <MatrixView::Form Form>
HWY_INLINE Vec eightBitValues(const int8_t* codes) {
    const hn::Rebind<int8_t, Floats> bytes;
    const hn::RebindToSigned<Floats> integers;
    const Vec values = hn::ConvertTo(Floats(), hn::PromoteTo(integers, hn::LoadU(bytes, codes)));
    if constexpr (Form == MatrixView::Form::Int8)
        return hn::Div(values, set(kEightBitDivisor<Form>));
    else
        return values;
}

/// Elements [first, first + count) of one block.
template <ReadAs As, MatrixView::Form Form>
HWY_INLINE void readEightBit(const MatrixView& m, int64_t first, int64_t count, float scale, float* out) {
    const auto* codes = reinterpret_cast<const int8_t*>(m.data) + first;
    const auto step = int64_t(lanes());
    int64_t i = 0;
    for (; i + step <= count; i += step)
        storeVector(keepOrRound<As>(hn::Mul(eightBitValues<Form>(codes + i), set(scale))), out + i);
    for (; i < count; ++i)
        out[i] = keepOrRound<As>(float(codes[i]) / kEightBitDivisor<Form> * scale);
}

template <ReadAs As, MatrixView::Form Form>
HWY_INLINE void readQuantized(const MatrixView& m, int64_t first, int64_t count, float* out) {
    int64_t block = first / m.blocksize;
    for (int64_t done = 0; done < count; ++block) {
        const int64_t length = std::min(count, (block + 1) * m.blocksize - first) - done;
        if constexpr (Form == MatrixView::Form::FourBit)
            readFourBit<As>(m, first + done, length, m.scaleOf(block), out + done);
        else
            readEightBit<As, Form>(m, first + done, length, m.scaleOf(block), out + done);
        done += length;
    }
}

HWY_INLINE Vec loadHalves(const uint16_t* p, std::size_t count) {
    const hn::Rebind<hwy::float16_t, Floats> halves;
    if (count == lanes())
        return hn::PromoteTo(Floats(), hn::LoadU(halves, reinterpret_cast<const hwy::float16_t*>(p)));
    HWY_ALIGN uint16_t buffer[hn::MaxLanes(Floats())] = {};
    for (std::size_t i = 0; i < count; ++i)
        buffer[i] = p[i];
    return hn::PromoteTo(Floats(), hn::Load(halves, reinterpret_cast<const hwy::float16_t*>(buffer)));
}

template <ReadAs As, MatrixView::Form Form>
HWY_INLINE void readDense(const MatrixView& m, int64_t first, int64_t count, float* out) {
    const std::byte* data = m.data;
    forEachVector(std::size_t(count), [&](std::size_t i, std::size_t n) LORIKEET_INLINE {
        const auto at = std::size_t(first) + i;
        if constexpr (Form == MatrixView::Form::F32)
            store(keepOrRound<As>(load(reinterpret_cast<const float*>(data) + at, n)), out + i, n);
        else if constexpr (Form == MatrixView::Form::BF16)
            store(load(reinterpret_cast<const Bfloat16*>(data) + at, n), out + i, n);
        else
            store(keepOrRound<As>(loadHalves(reinterpret_cast<const uint16_t*>(data) + at, n)), out + i, n);
    });
}

template <ReadAs As, MatrixView::Form Form>
void readRowsOf(const MatrixView& m, int64_t row, int64_t rows, int64_t column, int64_t columns, float* out,
                int64_t stride) {
    for (int64_t r = 0; r < rows; ++r) {
        const int64_t first = (row + r) * m.columns + column;
        if constexpr (Form <= MatrixView::Form::F16)
            readDense<As, Form>(m, first, columns, out + r * stride);
        else
            readQuantized<As, Form>(m, first, columns, out + r * stride);
    }
}

/// out[r * stride + c] = element (row + r, column + c) of m, for r < rows, c < columns.
template <ReadAs As>
HWY_INLINE void readRowsAs(const MatrixView& m, int64_t row, int64_t rows, int64_t column, int64_t columns, float* out,
                           int64_t stride) {
    using Form = MatrixView::Form;
    switch (m.form) {
    case Form::F32:
        return readRowsOf<As, Form::F32>(m, row, rows, column, columns, out, stride);
    case Form::BF16:
        return readRowsOf<As, Form::BF16>(m, row, rows, column, columns, out, stride);
    case Form::F16:
        return readRowsOf<As, Form::F16>(m, row, rows, column, columns, out, stride);
    case Form::FourBit:
        return readRowsOf<As, Form::FourBit>(m, row, rows, column, columns, out, stride);
    case Form::Int8:
        return readRowsOf<As, Form::Int8>(m, row, rows, column, columns, out, stride);
    case Form::Q8_0:
        return readRowsOf<As, Form::Q8_0>(m, row, rows, column, columns, out, stride);
    }
}

HWY_INLINE void readRows(const MatrixView& m, int64_t row, int64_t rows, int64_t column, int64_t columns, float* out,
                         int64_t stride) {
    if (m.readAs == ReadAs::Bfloat16)
        readRowsAs<ReadAs::Bfloat16>(m, row, rows, column, columns, out, stride);
    else
        readRowsAs<ReadAs::Float32>(m, row, rows, column, columns, out, stride);
}

} // namespace lorikeet::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
