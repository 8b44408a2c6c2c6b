// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/backend.h"
#include "core/backend/checks.h"

namespace lorikeet {

using namespace checks;

namespace {

void requireFloating(std::string_view operation, Operand x) {
    if (x.tensor.dtype != DType::F16)
        requireReal(operation, x);
}

} // namespace

void Backend::cast(ExecutionContext& context, const Tensor& x, const Tensor& y) {
    requirePresent("cast", {LORIKEET_OPERAND(x), LORIKEET_OPERAND(y)});
    requireFloating("cast", LORIKEET_OPERAND(x));
    requireFloating("cast", LORIKEET_OPERAND(y));
    requireSameElements("cast", LORIKEET_OPERAND(x), LORIKEET_OPERAND(y));
    requireApart("cast", LORIKEET_OPERAND(y), {LORIKEET_OPERAND(x)});
    if (x.elements() != 0)
        doCast(context, x, y);
}

void Backend::add(ExecutionContext& context, const Tensor& a, const Tensor& b, const Tensor& y) {
    requirePresent("add", {LORIKEET_OPERAND(a), LORIKEET_OPERAND(b), LORIKEET_OPERAND(y)});
    requireReal("add", LORIKEET_OPERAND(a));
    requireSameType("add", LORIKEET_OPERAND(a), LORIKEET_OPERAND(b));
    requireSameType("add", LORIKEET_OPERAND(a), LORIKEET_OPERAND(y));
    requireSameElements("add", LORIKEET_OPERAND(a), LORIKEET_OPERAND(b));
    requireSameElements("add", LORIKEET_OPERAND(a), LORIKEET_OPERAND(y));
    requireApartOrSame("add", LORIKEET_OPERAND(y), LORIKEET_OPERAND(a));
    requireApartOrSame("add", LORIKEET_OPERAND(y), LORIKEET_OPERAND(b));
    if (y.elements() != 0)
        doAdd(context, a, b, y);
}

void Backend::scale(ExecutionContext& context, const Tensor& x, float alpha, const Tensor& y, Output output) {
    requirePresent("scale", {LORIKEET_OPERAND(x), LORIKEET_OPERAND(y)});
    requireReal("scale", LORIKEET_OPERAND(x));
    requireReal("scale", LORIKEET_OPERAND(y));
    requireSameElements("scale", LORIKEET_OPERAND(x), LORIKEET_OPERAND(y));
    requireApartOrSame("scale", LORIKEET_OPERAND(y), LORIKEET_OPERAND(x));
    if (y.elements() != 0)
        doScale(context, x, alpha, y, output);
}

void Backend::divide(ExecutionContext& context, const Tensor& a, const Tensor& b, const Tensor& y, Output output) {
    requirePresent("divide", {LORIKEET_OPERAND(a), LORIKEET_OPERAND(b), LORIKEET_OPERAND(y)});
    for (const Operand& x : {LORIKEET_OPERAND(a), LORIKEET_OPERAND(b), LORIKEET_OPERAND(y)}) {
        requireType("divide", x, DType::F32);
        requireSameElements("divide", LORIKEET_OPERAND(a), x);
    }
    requireApartOrSame("divide", LORIKEET_OPERAND(y), LORIKEET_OPERAND(a));
    requireApartOrSame("divide", LORIKEET_OPERAND(y), LORIKEET_OPERAND(b));
    if (y.elements() != 0)
        doDivide(context, a, b, y, output);
}

void Backend::dropout(ExecutionContext& context, const Tensor& x, float p, const RandomStream& random, const Tensor& y,
                      Output output) {
    requirePresent("dropout", {LORIKEET_OPERAND(x), LORIKEET_OPERAND(y)});
    requireReal("dropout", LORIKEET_OPERAND(x));
    requireReal("dropout", LORIKEET_OPERAND(y));
    requireSameElements("dropout", LORIKEET_OPERAND(x), LORIKEET_OPERAND(y));
    requireApartOrSame("dropout", LORIKEET_OPERAND(y), LORIKEET_OPERAND(x));
    if (!(p >= 0.0f && p < 1.0f))
        fail(ErrorCode::InvalidArgument, "dropout: p is {}, expected 0 <= p < 1", p);
    if (y.elements() != 0)
        doDropout(context, x, p, random, y, output);
}

void Backend::gated(ExecutionContext& context, Activation activation, const Tensor& gate, const Tensor& up,
                    const Tensor& y) {
    requirePresent("gated", {LORIKEET_OPERAND(gate), LORIKEET_OPERAND(up), LORIKEET_OPERAND(y)});
    requireReal("gated", LORIKEET_OPERAND(gate));
    for (const Operand& other : {LORIKEET_OPERAND(up), LORIKEET_OPERAND(y)}) {
        requireSameType("gated", LORIKEET_OPERAND(gate), other);
        requireSameShape("gated", LORIKEET_OPERAND(gate), other);
    }
    requireApartOrSame("gated", LORIKEET_OPERAND(y), LORIKEET_OPERAND(gate));
    requireApartOrSame("gated", LORIKEET_OPERAND(y), LORIKEET_OPERAND(up));
    if (y.elements() != 0)
        doGated(context, activation, gate, up, y);
}

void Backend::gatedBackward(ExecutionContext& context, Activation activation, const Tensor& dY, const Tensor& gate,
                            const Tensor& up, const Tensor& dGate, const Tensor& dUp) {
    requirePresent("gatedBackward", {LORIKEET_OPERAND(dY), LORIKEET_OPERAND(gate), LORIKEET_OPERAND(up),
                                     LORIKEET_OPERAND(dGate), LORIKEET_OPERAND(dUp)});
    requireReal("gatedBackward", LORIKEET_OPERAND(dY));
    for (const Operand& other :
         {LORIKEET_OPERAND(gate), LORIKEET_OPERAND(up), LORIKEET_OPERAND(dGate), LORIKEET_OPERAND(dUp)}) {
        requireSameType("gatedBackward", LORIKEET_OPERAND(dY), other);
        requireSameShape("gatedBackward", LORIKEET_OPERAND(dY), other);
    }
    requireApartOrSame("gatedBackward", LORIKEET_OPERAND(dGate), LORIKEET_OPERAND(gate));
    requireApartOrSame("gatedBackward", LORIKEET_OPERAND(dUp), LORIKEET_OPERAND(up));
    requireApart("gatedBackward", LORIKEET_OPERAND(dGate),
                 {LORIKEET_OPERAND(dY), LORIKEET_OPERAND(up), LORIKEET_OPERAND(dUp)});
    requireApart("gatedBackward", LORIKEET_OPERAND(dUp), {LORIKEET_OPERAND(dY), LORIKEET_OPERAND(gate)});
    if (dY.elements() != 0)
        doGatedBackward(context, activation, dY, gate, up, dGate, dUp);
}

} // namespace lorikeet
