// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <initializer_list>
#include <string_view>

#include "core/backend/operations.h"
#include "core/base/error.h"

namespace lorikeet::checks {

/// A tensor with the name that its operation's declaration gives it.
struct Operand {
    std::string_view name;
    const Tensor& tensor;
};

/// Names a tensor after the expression that holds it.
#define LORIKEET_OPERAND(tensor)                                                                                       \
    ::lorikeet::checks::Operand {                                                                                      \
#tensor, tensor                                                                                                \
    }

// Each throws InvalidArgument with the operation, the names and the actual values where its condition does not hold.

/// A tensor with elements has memory.
void requirePresent(std::string_view operation, std::initializer_list<Operand> operands);
void requireType(std::string_view operation, Operand x, DType type);
/// F32 or BF16.
void requireReal(std::string_view operation, Operand x);
void requireSameType(std::string_view operation, Operand x, Operand other);
void requireRank(std::string_view operation, Operand x, int rank);
/// x has this shape because `reason` has its own, e.g. "weight is float32 [8, 4]".
void requireShape(std::string_view operation, Operand x, const Shape& expected, Operand reason);
void requireSameShape(std::string_view operation, Operand x, Operand other);
void requireSameElements(std::string_view operation, Operand x, Operand other);
/// One float32 value, [1].
void requireScalar(std::string_view operation, Operand x);

/// The output shares no byte with any input.
void requireApart(std::string_view operation, Operand output, std::initializer_list<Operand> inputs);
/// The output is exactly the input, or shares no byte with it.
void requireApartOrSame(std::string_view operation, Operand output, Operand input);

/// "bfloat16 [8, 4]" or "nf4 [8, 4]".
std::string weightText(const Weight& weight);
/// A present matrix [N, K] whose parts have the types and sizes that its kind asks for.
void requireWeight(std::string_view operation, std::string_view name, const Weight& weight);
/// The output shares no byte with any part of the weight.
void requireApart(std::string_view operation, Operand output, std::string_view name, const Weight& weight);

} // namespace lorikeet::checks
