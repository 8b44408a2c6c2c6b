// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/block_kernels.h"

#include <algorithm>

// SSE2, AVX2 and AVX-512 are enough here; each further target would only take compile time.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/quant/block_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/quant/code_decisions.h"

HWY_BEFORE_NAMESPACE();
namespace lorikeet::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Two vectors are taken at once, so sixteen lanes at most fit kKernelElements.
using Floats = hn::CappedTag<float, 16>;
using Ints = hn::RebindToSigned<Floats>;
using FloatVec = hn::Vec<Floats>;
using IntVec = hn::Vec<Ints>;

HWY_ATTR uint32_t largestMagnitudeBits(const float* x, int64_t count) {
    const Floats floats;
    const Ints ints;
    const IntVec magnitude = hn::Set(ints, 0x7fffffff);
    const int64_t lanes = int64_t(hn::Lanes(floats));
    // Patterns of magnitudes compare as integers as the floats do, NaN above all.
    IntVec largest = hn::Zero(ints);
    for (int64_t i = 0; i < count; i += lanes)
        largest = hn::Max(largest, hn::And(hn::BitCast(ints, hn::LoadU(floats, x + i)), magnitude));
    return uint32_t(hn::GetLane(hn::MaxOfLanes(ints, largest)));
}

/// The code of the value whose neighbours' midpoints enclose x * inverse.
struct CodebookCoder {
    float inverse;
    const CodeDecisions& decisions;

    HWY_ATTR IntVec operator()(FloatVec x) const {
        const Floats floats;
        const Ints ints;
        const FloatVec one = hn::Set(floats, 1.0f);
        const FloatVec y = hn::Clamp(hn::Mul(x, hn::Set(floats, inverse)), hn::Neg(one), one);
        IntVec code = hn::Set(ints, decisions.lowestCode);
        for (std::size_t i = 0; i < decisions.midpoints.size(); ++i) {
            const auto isAbove = hn::RebindMask(ints, hn::Gt(y, hn::Set(floats, decisions.midpoints[i])));
            code = hn::Add(code, hn::IfThenElseZero(isAbove, hn::Set(ints, decisions.steps[i])));
        }
        return code;
    }
};

/// roundHalfEven(levels * x / absmax), a zero block giving zeros.
struct LinearCoder {
    float levels;
    float absmax;

    HWY_ATTR IntVec operator()(FloatVec x) const {
        const Floats floats;
        if (absmax == 0.0f)
            return hn::Zero(Ints());
        const FloatVec limit = hn::Set(floats, levels);
        const FloatVec y = hn::Div(hn::Mul(x, limit), hn::Set(floats, absmax));
        return hn::NearestInt(hn::Clamp(y, hn::Neg(limit), limit));
    }
};

struct Int4Coder {
    LinearCoder linear;

    HWY_ATTR IntVec operator()(FloatVec x) const { return hn::Add(linear(x), hn::Set(Ints(), 8)); }
};

template <typename Coder>
HWY_ATTR void packNibbles(const Coder& coder, const float* x, int64_t count, uint8_t* codes) {
    const Floats floats;
    const hn::Rebind<uint8_t, Ints> bytes;
    const int64_t lanes = int64_t(hn::Lanes(floats));
    for (int64_t i = 0; i < count; i += 2 * lanes) {
        FloatVec even, odd;
        hn::LoadInterleaved2(floats, x + i, even, odd);
        const IntVec pair = hn::Or(hn::ShiftLeft<4>(coder(even)), coder(odd));
        hn::StoreU(hn::DemoteTo(bytes, pair), bytes, codes + i / 2);
    }
}

HWY_ATTR void storeBytes(const LinearCoder& coder, const float* x, int64_t count, uint8_t* codes) {
    const Floats floats;
    const hn::Rebind<int8_t, Ints> bytes;
    const int64_t lanes = int64_t(hn::Lanes(floats));
    for (int64_t i = 0; i < count; i += lanes)
        hn::StoreU(hn::DemoteTo(bytes, coder(hn::LoadU(floats, x + i))), bytes, reinterpret_cast<int8_t*>(codes + i));
}

HWY_ATTR void codeBlock(QuantType type, const float* x, int64_t count, float absmax, uint8_t* codes) {
    // 1e-38 as bitsandbytes has it: a zero block becomes zeros, not NaN.
    const float inverse = 1.0f / std::max(absmax, 1e-38f);
    if (type == QuantType::Nf4 || type == QuantType::Fp4)
        packNibbles(CodebookCoder{inverse, codeDecisions(type)}, x, count, codes);
    else if (type == QuantType::Int4)
        packNibbles(Int4Coder{{7.0f, absmax}}, x, count, codes);
    else
        storeBytes(LinearCoder{127.0f, absmax}, x, count, codes);
}

} // namespace lorikeet::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lorikeet {

HWY_EXPORT(largestMagnitudeBits);
HWY_EXPORT(codeBlock);

uint32_t largestMagnitudeBits(const float* x, int64_t count) {
    return HWY_DYNAMIC_DISPATCH(largestMagnitudeBits)(x, count);
}

void codeBlock(QuantType type, const float* x, int64_t count, float absmax, uint8_t* codes) {
    HWY_DYNAMIC_DISPATCH(codeBlock)(type, x, count, absmax, codes);
}

} // namespace lorikeet
#endif
