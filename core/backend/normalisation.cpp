// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/backend.h"
#include "core/backend/checks.h"

namespace lorikeet {

using namespace checks;

namespace {

/// What rmsNorm and its backward share: x Real [T, C] with C >= 1, weight Real [C], rstd F32 [T].
void requireNorm(std::string_view operation, const Tensor& x, Operand weight, const Tensor& rstd) {
    requirePresent(operation, {LORIKEET_OPERAND(x), weight, LORIKEET_OPERAND(rstd)});
    requireReal(operation, LORIKEET_OPERAND(x));
    requireReal(operation, weight);
    requireType(operation, LORIKEET_OPERAND(rstd), DType::F32);
    requireRank(operation, LORIKEET_OPERAND(x), 2);
    if (x.shape[1] < 1)
        fail(ErrorCode::InvalidArgument, "{}: x is {}, expected at least one channel", operation, x.text());
    requireShape(operation, weight, {x.shape[1]}, LORIKEET_OPERAND(x));
    requireShape(operation, LORIKEET_OPERAND(rstd), {x.shape[0]}, LORIKEET_OPERAND(x));
}

} // namespace

void Backend::rmsNorm(ExecutionContext& context, const Tensor& x, const Tensor& weight, float epsilon, const Tensor& y,
                      const Tensor& rstd) {
    requireNorm("rmsNorm", x, LORIKEET_OPERAND(weight), rstd);
    requirePresent("rmsNorm", {LORIKEET_OPERAND(y)});
    requireSameType("rmsNorm", LORIKEET_OPERAND(x), LORIKEET_OPERAND(y));
    requireSameShape("rmsNorm", LORIKEET_OPERAND(x), LORIKEET_OPERAND(y));
    if (!(epsilon >= 0.0f))
        fail(ErrorCode::InvalidArgument, "rmsNorm: epsilon is {}", epsilon);
    requireApart("rmsNorm", LORIKEET_OPERAND(y), {LORIKEET_OPERAND(x), LORIKEET_OPERAND(weight)});
    requireApart("rmsNorm", LORIKEET_OPERAND(rstd),
                 {LORIKEET_OPERAND(x), LORIKEET_OPERAND(weight), LORIKEET_OPERAND(y)});
    if (x.elements() != 0)
        doRmsNorm(context, x, weight, epsilon, y, rstd);
}

void Backend::rmsNormBackward(ExecutionContext& context, const Tensor& dY, const Tensor& x, const Tensor& weight,
                              const Tensor& rstd, const Tensor& dX, Output output) {
    constexpr std::string_view kName = "rmsNormBackward";
    requireNorm(kName, x, LORIKEET_OPERAND(weight), rstd);
    requirePresent(kName, {LORIKEET_OPERAND(dY), LORIKEET_OPERAND(dX)});
    for (const Operand& other : {LORIKEET_OPERAND(dY), LORIKEET_OPERAND(dX)}) {
        requireSameType(kName, LORIKEET_OPERAND(x), other);
        requireSameShape(kName, LORIKEET_OPERAND(x), other);
    }
    requireApart(kName, LORIKEET_OPERAND(dX),
                 {LORIKEET_OPERAND(dY), LORIKEET_OPERAND(x), LORIKEET_OPERAND(weight), LORIKEET_OPERAND(rstd)});
    if (x.elements() != 0)
        doRmsNormBackward(context, dY, x, weight, rstd, dX, output);
}

void Backend::rmsNormBackwardWeight(ExecutionContext& context, const Tensor& dY, const Tensor& x, const Tensor& rstd,
                                    const Tensor& dWeight) {
    constexpr std::string_view kName = "rmsNormBackwardWeight";
    requireNorm(kName, x, LORIKEET_OPERAND(dWeight), rstd);
    requirePresent(kName, {LORIKEET_OPERAND(dY)});
    requireSameType(kName, LORIKEET_OPERAND(x), LORIKEET_OPERAND(dY));
    requireSameShape(kName, LORIKEET_OPERAND(x), LORIKEET_OPERAND(dY));
    requireType(kName, LORIKEET_OPERAND(dWeight), DType::F32);
    requireApart(kName, LORIKEET_OPERAND(dWeight), {LORIKEET_OPERAND(dY), LORIKEET_OPERAND(x), LORIKEET_OPERAND(rstd)});
    if (x.elements() != 0)
        doRmsNormBackwardWeight(context, dY, x, rstd, dWeight);
}

} // namespace lorikeet
