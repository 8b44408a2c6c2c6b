// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/backend.h"
#include "core/backend/checks.h"

namespace lorikeet {

using namespace checks;

namespace {

/// The checks of a product with a weight [N, K]: `input` has `inner` columns, `output` has `outer`.
void requireProduct(std::string_view operation, Operand input, const Weight& weight, Operand output, int inner,
                    int outer) {
    requirePresent(operation, {input, output});
    requireWeight(operation, "weight", weight);
    requireReal(operation, input);
    requireReal(operation, output);
    requireRank(operation, input, 2);
    if (input.tensor.shape[1] != weight.shape()[inner])
        fail(ErrorCode::InvalidArgument, "{}: {} is {} but weight is {}", operation, input.name, input.tensor.text(),
             weightText(weight));
    if (output.tensor.shape != Shape{input.tensor.shape[0], weight.shape()[outer]})
        fail(ErrorCode::InvalidArgument, "{}: {} is {} but {} is {} and weight is {}", operation, output.name,
             output.tensor.text(), input.name, input.tensor.text(), weightText(weight));
    requireApart(operation, output, {input});
    requireApart(operation, output, "weight", weight);
}

} // namespace

void Backend::matmul(ExecutionContext& context, const Tensor& x, const Weight& weight, const Tensor& y, float alpha,
                     Output output) {
    requireProduct("matmul", LORIKEET_OPERAND(x), weight, LORIKEET_OPERAND(y), 1, 0);
    if (y.elements() == 0)
        return;
    if (x.shape[1] != 0)
        doMatmul(context, x, weight, y, alpha, output);
    else if (output == Output::Assign)
        doFill(context, y, 0.0f);
}

void Backend::matmulBackwardInput(ExecutionContext& context, const Tensor& dY, const Weight& weight, const Tensor& dX,
                                  float alpha, Output output) {
    requireProduct("matmulBackwardInput", LORIKEET_OPERAND(dY), weight, LORIKEET_OPERAND(dX), 0, 1);
    if (dX.elements() == 0)
        return;
    if (dY.shape[1] != 0)
        doMatmulBackwardInput(context, dY, weight, dX, alpha, output);
    else if (output == Output::Assign)
        doFill(context, dX, 0.0f);
}

void Backend::matmulBackwardWeight(ExecutionContext& context, const Tensor& dY, const Tensor& x, const Tensor& dW,
                                   float alpha, Output output) {
    constexpr std::string_view kName = "matmulBackwardWeight";
    requirePresent(kName, {LORIKEET_OPERAND(dY), LORIKEET_OPERAND(x), LORIKEET_OPERAND(dW)});
    requireReal(kName, LORIKEET_OPERAND(dY));
    requireSameType(kName, LORIKEET_OPERAND(dY), LORIKEET_OPERAND(x));
    requireType(kName, LORIKEET_OPERAND(dW), DType::F32);
    requireRank(kName, LORIKEET_OPERAND(dY), 2);
    requireRank(kName, LORIKEET_OPERAND(x), 2);
    if (dY.shape[0] != x.shape[0])
        fail(ErrorCode::InvalidArgument, "{}: dY is {} but x is {}", kName, dY.text(), x.text());
    if (dW.shape != Shape{dY.shape[1], x.shape[1]})
        fail(ErrorCode::InvalidArgument, "{}: dW is {} but dY is {} and x is {}", kName, dW.text(), dY.text(),
             x.text());
    requireApart(kName, LORIKEET_OPERAND(dW), {LORIKEET_OPERAND(dY), LORIKEET_OPERAND(x)});
    if (dW.elements() == 0)
        return;
    if (x.shape[0] != 0)
        doMatmulBackwardWeight(context, dY, x, dW, alpha, output);
    else if (output == Output::Assign)
        doFill(context, dW, 0.0f);
}

void Backend::dequantize(ExecutionContext& context, const Weight& weight, const Tensor& y) {
    requirePresent("dequantize", {LORIKEET_OPERAND(y)});
    requireWeight("dequantize", "weight", weight);
    requireReal("dequantize", LORIKEET_OPERAND(y));
    if (y.shape != weight.shape())
        fail(ErrorCode::InvalidArgument, "dequantize: y is {} but weight is {}", y.text(), weightText(weight));
    requireApart("dequantize", LORIKEET_OPERAND(y), "weight", weight);
    if (y.elements() != 0)
        doDequantize(context, weight, y);
}

void Backend::rowNorms(ExecutionContext& context, const Weight& weight, const Tensor& a, const Tensor& b, float alpha,
                       const Tensor& norms) {
    requireWeight("rowNorms", "weight", weight);
    requirePresent("rowNorms", {LORIKEET_OPERAND(norms)});
    requireType("rowNorms", LORIKEET_OPERAND(norms), DType::F32);
    const Shape& shape = weight.shape();
    if (norms.shape != Shape{shape[0]})
        fail(ErrorCode::InvalidArgument, "rowNorms: norms is {} but weight is {}", norms.text(), weightText(weight));
    if (a || b) {
        requirePresent("rowNorms", {LORIKEET_OPERAND(a), LORIKEET_OPERAND(b)});
        for (const Operand& x : {LORIKEET_OPERAND(a), LORIKEET_OPERAND(b)}) {
            requireType("rowNorms", x, DType::F32);
            requireRank("rowNorms", x, 2);
        }
        if (a.shape[1] != shape[1] || b.shape[0] != shape[0] || a.shape[0] != b.shape[1])
            fail(ErrorCode::InvalidArgument, "rowNorms: a is {} and b is {} but weight is {}", a.text(), b.text(),
                 weightText(weight));
    }
    requireApart("rowNorms", LORIKEET_OPERAND(norms), {LORIKEET_OPERAND(a), LORIKEET_OPERAND(b)});
    requireApart("rowNorms", LORIKEET_OPERAND(norms), "weight", weight);
    if (norms.elements() == 0)
        return;
    if (shape[1] != 0)
        doRowNorms(context, weight, a, b, alpha, norms);
    else
        doFill(context, norms, 0.0f);
}

} // namespace lorikeet
