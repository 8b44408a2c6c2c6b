// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "core/backend/backend.h"
#include "core/backend/checks.h"

namespace lorikeet {

using namespace checks;

namespace {

void requireSpec(std::string_view operation, const AttentionSpec& spec) {
    if (spec.heads < 1 || spec.kvHeads < 1 || spec.headDim < 1 || spec.heads % spec.kvHeads != 0)
        fail(ErrorCode::InvalidArgument, "{}: {} query heads, {} key heads, head size {}", operation, spec.heads,
             spec.kvHeads, spec.headDim);
    if (spec.window < 0 || !std::isfinite(spec.scale))
        fail(ErrorCode::InvalidArgument, "{}: window is {}, scale is {}", operation, spec.window, spec.scale);
}

void requireLayout(std::string_view operation, const SequenceLayout& layout, const Tensor& q, const Tensor& k) {
    const Tensor &queryOffsets = layout.queryOffsets, &keyOffsets = layout.keyOffsets;
    requirePresent(operation, {LORIKEET_OPERAND(queryOffsets), LORIKEET_OPERAND(keyOffsets)});
    for (const Operand& offsets : {LORIKEET_OPERAND(queryOffsets), LORIKEET_OPERAND(keyOffsets)}) {
        requireType(operation, offsets, DType::I32);
        requireRank(operation, offsets, 1);
    }
    requireSameShape(operation, LORIKEET_OPERAND(queryOffsets), LORIKEET_OPERAND(keyOffsets));
    if (queryOffsets.shape[0] < 1)
        fail(ErrorCode::InvalidArgument, "{}: queryOffsets is {}, expected at least one element", operation,
             queryOffsets.text());
    const auto requireLongest = [&](std::string_view name, int64_t longest, Operand x) {
        const int64_t rows = x.tensor.shape[0];
        if (longest > rows || longest < (rows > 0 ? 1 : 0))
            fail(ErrorCode::InvalidArgument, "{}: {} is {} but {} is {}", operation, name, longest, x.name,
                 x.tensor.text());
    };
    requireLongest("longestQuery", layout.longestQuery, LORIKEET_OPERAND(q));
    requireLongest("longestKey", layout.longestKey, LORIKEET_OPERAND(k));
}

/// What attention and its backward share.
void requireAttention(std::string_view operation, const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& out,
                      const Tensor& logSumExp, const SequenceLayout& layout, const AttentionSpec& spec) {
    requireSpec(operation, spec);
    requirePresent(operation, {LORIKEET_OPERAND(q), LORIKEET_OPERAND(k), LORIKEET_OPERAND(v), LORIKEET_OPERAND(out),
                               LORIKEET_OPERAND(logSumExp)});
    requireReal(operation, LORIKEET_OPERAND(q));
    for (const Operand& other : {LORIKEET_OPERAND(k), LORIKEET_OPERAND(v), LORIKEET_OPERAND(out)})
        requireSameType(operation, LORIKEET_OPERAND(q), other);
    requireRank(operation, LORIKEET_OPERAND(q), 2);
    requireRank(operation, LORIKEET_OPERAND(k), 2);
    const int64_t queryColumns = int64_t(spec.heads) * spec.headDim;
    const int64_t keyColumns = int64_t(spec.kvHeads) * spec.headDim;
    if (q.shape[1] != queryColumns || k.shape[1] != keyColumns)
        fail(ErrorCode::InvalidArgument, "{}: q is {}, k is {} but there are {} and {} heads of {}", operation,
             q.text(), k.text(), spec.heads, spec.kvHeads, spec.headDim);
    requireSameShape(operation, LORIKEET_OPERAND(k), LORIKEET_OPERAND(v));
    requireSameShape(operation, LORIKEET_OPERAND(q), LORIKEET_OPERAND(out));
    requireType(operation, LORIKEET_OPERAND(logSumExp), DType::F32);
    requireShape(operation, LORIKEET_OPERAND(logSumExp), {spec.heads, q.shape[0]}, LORIKEET_OPERAND(q));
    requireLayout(operation, layout, q, k);
    if (q.shape[0] > 0 && k.shape[0] == 0)
        fail(ErrorCode::InvalidArgument, "{}: q is {} but k is {}: no keys", operation, q.text(), k.text());
}

} // namespace

void Backend::attention(ExecutionContext& context, const Tensor& q, const Tensor& k, const Tensor& v,
                        const SequenceLayout& layout, const AttentionSpec& spec, const Tensor& out,
                        const Tensor& logSumExp) {
    requireAttention("attention", q, k, v, out, logSumExp, layout, spec);
    for (const Operand& output : {LORIKEET_OPERAND(out), LORIKEET_OPERAND(logSumExp)})
        requireApart("attention", output,
                     {LORIKEET_OPERAND(q),
                      LORIKEET_OPERAND(k),
                      LORIKEET_OPERAND(v),
                      {"queryOffsets", layout.queryOffsets},
                      {"keyOffsets", layout.keyOffsets}});
    requireApart("attention", LORIKEET_OPERAND(out), {LORIKEET_OPERAND(logSumExp)});
    if (q.elements() != 0)
        doAttention(context, q, k, v, layout, spec, out, logSumExp);
}

void Backend::attentionBackward(ExecutionContext& context, const Tensor& dOut, const Tensor& q, const Tensor& k,
                                const Tensor& v, const Tensor& out, const Tensor& logSumExp,
                                const SequenceLayout& layout, const AttentionSpec& spec, const Tensor& dQ,
                                const Tensor& dK, const Tensor& dV) {
    constexpr std::string_view kName = "attentionBackward";
    requireAttention(kName, q, k, v, out, logSumExp, layout, spec);
    requirePresent(kName, {LORIKEET_OPERAND(dOut), LORIKEET_OPERAND(dQ), LORIKEET_OPERAND(dK), LORIKEET_OPERAND(dV)});
    for (const Operand& other : {LORIKEET_OPERAND(dOut), LORIKEET_OPERAND(dQ)}) {
        requireSameType(kName, LORIKEET_OPERAND(q), other);
        requireSameShape(kName, LORIKEET_OPERAND(q), other);
    }
    for (const Operand& other : {LORIKEET_OPERAND(dK), LORIKEET_OPERAND(dV)}) {
        requireSameType(kName, LORIKEET_OPERAND(k), other);
        requireSameShape(kName, LORIKEET_OPERAND(k), other);
    }
    for (const Operand& output : {LORIKEET_OPERAND(dQ), LORIKEET_OPERAND(dK), LORIKEET_OPERAND(dV)})
        requireApart(kName, output,
                     {LORIKEET_OPERAND(dOut),
                      LORIKEET_OPERAND(q),
                      LORIKEET_OPERAND(k),
                      LORIKEET_OPERAND(v),
                      LORIKEET_OPERAND(out),
                      LORIKEET_OPERAND(logSumExp),
                      {"queryOffsets", layout.queryOffsets},
                      {"keyOffsets", layout.keyOffsets}});
    requireApart(kName, LORIKEET_OPERAND(dQ), {LORIKEET_OPERAND(dK), LORIKEET_OPERAND(dV)});
    requireApart(kName, LORIKEET_OPERAND(dK), {LORIKEET_OPERAND(dV)});
    if (q.elements() != 0) {
        doAttentionBackward(context, dOut, q, k, v, out, logSumExp, layout, spec, dQ, dK, dV);
    } else if (k.elements() != 0) {
        doFill(context, dK, 0.0f);
        doFill(context, dV, 0.0f);
    }
}

void Backend::rope(ExecutionContext& context, const Tensor& x, int headDim, const Tensor& cosines, const Tensor& sines,
                   const Tensor& positions, bool inverse) {
    requirePresent(
        "rope", {LORIKEET_OPERAND(x), LORIKEET_OPERAND(cosines), LORIKEET_OPERAND(sines), LORIKEET_OPERAND(positions)});
    requireReal("rope", LORIKEET_OPERAND(x));
    requireRank("rope", LORIKEET_OPERAND(x), 2);
    if (headDim < 1 || x.shape[1] % headDim != 0)
        fail(ErrorCode::InvalidArgument, "rope: x is {} but the head size is {}", x.text(), headDim);
    for (const Operand& table : {LORIKEET_OPERAND(cosines), LORIKEET_OPERAND(sines)}) {
        requireType("rope", table, DType::F32);
        requireRank("rope", table, 2);
    }
    requireSameShape("rope", LORIKEET_OPERAND(cosines), LORIKEET_OPERAND(sines));
    if (2 * cosines.shape[1] > headDim)
        fail(ErrorCode::InvalidArgument, "rope: cosines is {} but a head of {} has {} pairs", cosines.text(), headDim,
             headDim / 2);
    requireType("rope", LORIKEET_OPERAND(positions), DType::I32);
    requireShape("rope", LORIKEET_OPERAND(positions), {x.shape[0]}, LORIKEET_OPERAND(x));
    requireApart("rope", LORIKEET_OPERAND(x),
                 {LORIKEET_OPERAND(cosines), LORIKEET_OPERAND(sines), LORIKEET_OPERAND(positions)});
    if (x.elements() == 0 || cosines.shape[1] == 0)
        return;
    if (cosines.shape[0] == 0)
        fail(ErrorCode::InvalidArgument, "rope: cosines is {} but x is {}: no positions", cosines.text(), x.text());
    doRope(context, x, headDim, cosines, sines, positions, inverse);
}

} // namespace lorikeet
