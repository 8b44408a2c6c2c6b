// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "core/backend/backend.h"
#include "core/backend/checks.h"

namespace lorikeet {

using namespace checks;

namespace {

/// x is Real [T, C], and `perColumn` has one element for each column.
void requireColumns(std::string_view operation, Operand x, Operand perColumn) {
    requirePresent(operation, {x, perColumn});
    requireReal(operation, x);
    requireRank(operation, x, 2);
    requireShape(operation, perColumn, {x.tensor.shape[1]}, x);
}

} // namespace

void Backend::addBias(ExecutionContext& context, const Tensor& bias, const Tensor& y) {
    requireColumns("addBias", LORIKEET_OPERAND(y), LORIKEET_OPERAND(bias));
    requireReal("addBias", LORIKEET_OPERAND(bias));
    requireApart("addBias", LORIKEET_OPERAND(y), {LORIKEET_OPERAND(bias)});
    if (y.elements() != 0)
        doAddBias(context, bias, y);
}

void Backend::sumRows(ExecutionContext& context, const Tensor& x, const Tensor& sums, float alpha, Output output) {
    requireColumns("sumRows", LORIKEET_OPERAND(x), LORIKEET_OPERAND(sums));
    requireType("sumRows", LORIKEET_OPERAND(sums), DType::F32);
    requireApart("sumRows", LORIKEET_OPERAND(sums), {LORIKEET_OPERAND(x)});
    if (x.elements() != 0)
        doSumRows(context, x, sums, alpha, output);
    else if (output == Output::Assign && sums.elements() != 0)
        doFill(context, sums, 0.0f);
}

void Backend::scaleColumns(ExecutionContext& context, const Tensor& x, const Tensor& factors, const Tensor& y,
                           Output output) {
    requireColumns("scaleColumns", LORIKEET_OPERAND(x), LORIKEET_OPERAND(factors));
    requireType("scaleColumns", LORIKEET_OPERAND(factors), DType::F32);
    requirePresent("scaleColumns", {LORIKEET_OPERAND(y)});
    requireReal("scaleColumns", LORIKEET_OPERAND(y));
    requireSameShape("scaleColumns", LORIKEET_OPERAND(x), LORIKEET_OPERAND(y));
    requireApartOrSame("scaleColumns", LORIKEET_OPERAND(y), LORIKEET_OPERAND(x));
    requireApart("scaleColumns", LORIKEET_OPERAND(y), {LORIKEET_OPERAND(factors)});
    if (y.elements() != 0)
        doScaleColumns(context, x, factors, y, output);
}

void Backend::columnDots(ExecutionContext& context, const Tensor& a, const Tensor& b, const Tensor& dots, float alpha,
                         Output output) {
    requireColumns("columnDots", LORIKEET_OPERAND(a), LORIKEET_OPERAND(dots));
    requirePresent("columnDots", {LORIKEET_OPERAND(b)});
    requireSameType("columnDots", LORIKEET_OPERAND(a), LORIKEET_OPERAND(b));
    requireSameShape("columnDots", LORIKEET_OPERAND(a), LORIKEET_OPERAND(b));
    requireType("columnDots", LORIKEET_OPERAND(dots), DType::F32);
    requireApart("columnDots", LORIKEET_OPERAND(dots), {LORIKEET_OPERAND(a), LORIKEET_OPERAND(b)});
    if (a.elements() != 0)
        doColumnDots(context, a, b, dots, alpha, output);
    else if (output == Output::Assign && dots.elements() != 0)
        doFill(context, dots, 0.0f);
}

void Backend::addNoise(ExecutionContext& context, const Tensor& offsets, float alpha, const RandomStream& random,
                       const Tensor& y) {
    requirePresent("addNoise", {LORIKEET_OPERAND(offsets), LORIKEET_OPERAND(y)});
    requireType("addNoise", LORIKEET_OPERAND(offsets), DType::I32);
    requireRank("addNoise", LORIKEET_OPERAND(offsets), 1);
    requireReal("addNoise", LORIKEET_OPERAND(y));
    requireRank("addNoise", LORIKEET_OPERAND(y), 2);
    if (!(alpha >= 0.0f) || std::isinf(alpha))
        fail(ErrorCode::InvalidArgument, "addNoise: alpha is {}, expected 0 or more", alpha);
    requireApart("addNoise", LORIKEET_OPERAND(y), {LORIKEET_OPERAND(offsets)});
    if (y.elements() == 0)
        return;
    if (offsets.shape[0] < 2)
        fail(ErrorCode::InvalidArgument, "addNoise: offsets is {} but y is {}", offsets.text(), y.text());
    doAddNoise(context, offsets, alpha, random, y);
}

} // namespace lorikeet
