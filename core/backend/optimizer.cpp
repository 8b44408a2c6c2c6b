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

/// What both optimizers ask of their gradient, factor and parameter.
void requireStep(std::string_view operation, const Tensor& gradient, const Tensor& factor, const AdamWStep& step,
                 const Tensor& parameter) {
    requirePresent(operation, {LORIKEET_OPERAND(gradient), LORIKEET_OPERAND(factor), LORIKEET_OPERAND(parameter)});
    requireScalar(operation, LORIKEET_OPERAND(factor));
    for (const Operand& x : {LORIKEET_OPERAND(gradient), LORIKEET_OPERAND(parameter)}) {
        requireType(operation, x, DType::F32);
        requireSameElements(operation, LORIKEET_OPERAND(parameter), x);
    }
    if (step.step < 1)
        fail(ErrorCode::InvalidArgument, "{}: step is {}, the first one is 1", operation, step.step);
    requireApart(operation, LORIKEET_OPERAND(parameter), {LORIKEET_OPERAND(gradient), LORIKEET_OPERAND(factor)});
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
    requireStep("adamW", gradient, factor, step, parameter);
    requirePresent("adamW", {LORIKEET_OPERAND(m), LORIKEET_OPERAND(v)});
    for (const Operand& x : {LORIKEET_OPERAND(m), LORIKEET_OPERAND(v)}) {
        requireType("adamW", x, DType::F32);
        requireSameElements("adamW", LORIKEET_OPERAND(parameter), x);
    }
    requireApart("adamW", LORIKEET_OPERAND(parameter), {LORIKEET_OPERAND(m), LORIKEET_OPERAND(v)});
    requireApart("adamW", LORIKEET_OPERAND(m),
                 {LORIKEET_OPERAND(gradient), LORIKEET_OPERAND(factor), LORIKEET_OPERAND(v)});
    requireApart("adamW", LORIKEET_OPERAND(v), {LORIKEET_OPERAND(gradient), LORIKEET_OPERAND(factor)});
    if (parameter.elements() != 0)
        doAdamW(context, gradient, factor, step, parameter, m, v);
}

void Backend::adamW8Bit(ExecutionContext& context, const Tensor& gradient, const Tensor& factor, const AdamWStep& step,
                        const Tensor& parameter, const Moments8Bit& moments) {
    requireStep("adamW8Bit", gradient, factor, step, parameter);
    const Operand parts[] = {
        {"m", moments.m}, {"v", moments.v}, {"mAbsmax", moments.mAbsmax}, {"vAbsmax", moments.vAbsmax}};
    const int64_t elements = parameter.elements(), blocks = (elements + kMomentBlocksize - 1) / kMomentBlocksize;
    for (std::size_t i = 0; i < 4; ++i) {
        const Operand& x = parts[i];
        requirePresent("adamW8Bit", {x});
        requireType("adamW8Bit", x, i < 2 ? DType::U8 : DType::F32);
        const int64_t expected = i < 2 ? elements : blocks;
        if (x.tensor.elements() != expected)
            fail(ErrorCode::InvalidArgument, "adamW8Bit: {} is {} but parameter is {}; expected [{}]", x.name,
                 x.tensor.text(), parameter.text(), expected);
        requireApart("adamW8Bit", x,
                     {LORIKEET_OPERAND(parameter), LORIKEET_OPERAND(gradient), LORIKEET_OPERAND(factor)});
        for (std::size_t other = 0; other < i; ++other)
            requireApart("adamW8Bit", x, {parts[other]});
    }
    if (elements != 0)
        doAdamW8Bit(context, gradient, factor, step, parameter, moments);
}

} // namespace lorikeet
