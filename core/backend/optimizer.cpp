// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "core/backend/backend.h"
#include "core/backend/checks.h"

namespace lorikeet {

using namespace checks;

namespace {

void requireReduction(std::string_view operation, const Tensor& x, const Tensor& result) {
    requirePresent(operation, {LORIKEET_OPERAND(x), LORIKEET_OPERAND(result)});
    requireType(operation, LORIKEET_OPERAND(x), DType::F32);
    requireScalar(operation, LORIKEET_OPERAND(result));
    requireApart(operation, LORIKEET_OPERAND(result), {LORIKEET_OPERAND(x)});
}

} // namespace

void Backend::sum(ExecutionContext& context, const Tensor& x, const Tensor& result, float alpha, Output output) {
    requireReduction("sum", x, result);
    if (x.elements() != 0)
        doSum(context, x, result, alpha, output);
    else if (output == Output::Assign)
        doFill(context, result, 0.0f);
}

void Backend::sumOfSquares(ExecutionContext& context, const Tensor& x, const Tensor& result, Output output) {
    requireReduction("sumOfSquares", x, result);
    if (x.elements() != 0)
        doSumOfSquares(context, x, result, output);
    else if (output == Output::Assign)
        doFill(context, result, 0.0f);
}

void Backend::clipFactor(ExecutionContext& context, const Tensor& squares, float maxNorm, const Tensor& norm,
                         const Tensor& factor) {
    requirePresent("clipFactor", {LORIKEET_OPERAND(squares), LORIKEET_OPERAND(norm), LORIKEET_OPERAND(factor)});
    for (const Operand& x : {LORIKEET_OPERAND(squares), LORIKEET_OPERAND(norm), LORIKEET_OPERAND(factor)})
        requireScalar("clipFactor", x);
    if (!(maxNorm >= 0.0f))
        fail(ErrorCode::InvalidArgument, "clipFactor: maxNorm is {}, expected 0 or more", maxNorm);
    requireApart("clipFactor", LORIKEET_OPERAND(norm), {LORIKEET_OPERAND(squares), LORIKEET_OPERAND(factor)});
    requireApart("clipFactor", LORIKEET_OPERAND(factor), {LORIKEET_OPERAND(squares)});
    doClipFactor(context, squares, maxNorm, norm, factor);
}

void Backend::adamW(ExecutionContext& context, const Tensor& gradient, const Tensor& factor, const AdamWStep& step,
                    const Tensor& parameter, const Tensor& m, const Tensor& v) {
    requirePresent("adamW", {LORIKEET_OPERAND(gradient), LORIKEET_OPERAND(factor), LORIKEET_OPERAND(parameter),
                             LORIKEET_OPERAND(m), LORIKEET_OPERAND(v)});
    requireScalar("adamW", LORIKEET_OPERAND(factor));
    for (const Operand& x :
         {LORIKEET_OPERAND(gradient), LORIKEET_OPERAND(parameter), LORIKEET_OPERAND(m), LORIKEET_OPERAND(v)}) {
        requireType("adamW", x, DType::F32);
        requireSameElements("adamW", LORIKEET_OPERAND(parameter), x);
    }
    if (step.step < 1)
        fail(ErrorCode::InvalidArgument, "adamW: step is {}, the first one is 1", step.step);
    requireApart("adamW", LORIKEET_OPERAND(parameter),
                 {LORIKEET_OPERAND(gradient), LORIKEET_OPERAND(factor), LORIKEET_OPERAND(m), LORIKEET_OPERAND(v)});
    requireApart("adamW", LORIKEET_OPERAND(m),
                 {LORIKEET_OPERAND(gradient), LORIKEET_OPERAND(factor), LORIKEET_OPERAND(v)});
    requireApart("adamW", LORIKEET_OPERAND(v), {LORIKEET_OPERAND(gradient), LORIKEET_OPERAND(factor)});
    if (parameter.elements() != 0)
        doAdamW(context, gradient, factor, step, parameter, m, v);
}

} // namespace lorikeet
