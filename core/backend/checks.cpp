// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/checks.h"

#include <functional>

namespace lorikeet::checks {

namespace {

constexpr ErrorCode kInvalid = ErrorCode::InvalidArgument;

bool overlap(const Tensor& a, const Tensor& b) {
    if (!a.data || !b.data || a.bytes() == 0 || b.bytes() == 0)
        return false;
    const std::less<const std::byte*> before;
    return before(a.data, b.data + b.bytes()) && before(b.data, a.data + a.bytes());
}

/// A part of a quantized weight: present, of this type, with this many elements.
void requirePart(std::string_view operation, std::string_view name, const Weight& weight, Operand part, DType type,
                 int64_t elements) {
    if (!part.tensor || part.tensor.dtype != type || part.tensor.elements() != elements)
        fail(kInvalid, "{}: the {} of {}, {} in blocks of {}, is {}{}, expected {} [{}]", operation, part.name, name,
             weightText(weight), weight.quantized.blocksize, part.tensor ? "" : "absent ", part.tensor.text(),
             dtypeName(type), elements);
}

void requireQuantized(std::string_view operation, std::string_view name, const Weight& weight) {
    const QuantizedTensor& q = weight.quantized;
    if (q.shape.rank() != 2)
        fail(kInvalid, "{}: {} is {}, expected two dimensions", operation, name, weightText(weight));
    if (q.blocksize < 1)
        fail(kInvalid, "{}: {} is {} with a blocksize of {}", operation, name, weightText(weight), q.blocksize);
    const int64_t elements = q.shape.elements();
    if (elements == 0)
        return;
    if (isFourBit(q.type)) {
        requirePart(operation, name, weight, {"codes", q.codes}, DType::U8, (elements + 1) / 2);
        requirePart(operation, name, weight, {"codebook", q.codebook}, DType::F32, 16);
    } else {
        requirePart(operation, name, weight, {"codes", q.codes}, DType::I8, elements);
    }
    if (!q.doubleQuantized()) {
        requirePart(operation, name, weight, {"absmax", q.absmax}, DType::F32, q.blocks());
        return;
    }
    requirePart(operation, name, weight, {"absmax", q.absmax}, DType::U8, q.blocks());
    requirePart(operation, name, weight, {"nestedAbsmax", q.nestedAbsmax}, DType::F32,
                (q.blocks() + kNestedBlocksize - 1) / kNestedBlocksize);
    requirePart(operation, name, weight, {"nestedMap", q.nestedMap}, DType::F32, 256);
}

} // namespace

void requirePresent(std::string_view operation, std::initializer_list<Operand> operands) {
    for (const Operand& x : operands)
        if (!x.tensor && x.tensor.elements() != 0)
            fail(kInvalid, "{}: {} is absent", operation, x.name);
}

void requireType(std::string_view operation, Operand x, DType type) {
    if (x.tensor.dtype != type)
        fail(kInvalid, "{}: {} is {}, expected {}", operation, x.name, x.tensor.text(), dtypeName(type));
}

void requireReal(std::string_view operation, Operand x) {
    if (x.tensor.dtype != DType::F32 && x.tensor.dtype != DType::BF16)
        fail(kInvalid, "{}: {} is {}, expected float32 or bfloat16", operation, x.name, x.tensor.text());
}

void requireSameType(std::string_view operation, Operand x, Operand other) {
    if (x.tensor.dtype != other.tensor.dtype)
        fail(kInvalid, "{}: {} is {} but {} is {}", operation, x.name, x.tensor.text(), other.name,
             other.tensor.text());
}

void requireRank(std::string_view operation, Operand x, int rank) {
    if (x.tensor.shape.rank() != rank)
        fail(kInvalid, "{}: {} is {}, expected {} dimension{}", operation, x.name, x.tensor.text(), rank,
             rank == 1 ? "" : "s");
}

void requireShape(std::string_view operation, Operand x, const Shape& expected, Operand reason) {
    if (x.tensor.shape != expected)
        fail(kInvalid, "{}: {} is {} but {} is {}; expected {}", operation, x.name, x.tensor.text(), reason.name,
             reason.tensor.text(), expected.text());
}

void requireSameShape(std::string_view operation, Operand x, Operand other) {
    if (x.tensor.shape != other.tensor.shape)
        fail(kInvalid, "{}: {} is {} but {} is {}", operation, x.name, x.tensor.text(), other.name,
             other.tensor.text());
}

void requireSameElements(std::string_view operation, Operand x, Operand other) {
    if (x.tensor.elements() != other.tensor.elements())
        fail(kInvalid, "{}: {} is {} but {} is {}", operation, x.name, x.tensor.text(), other.name,
             other.tensor.text());
}

void requireScalar(std::string_view operation, Operand x) {
    if (x.tensor.dtype != DType::F32 || x.tensor.shape != Shape{1})
        fail(kInvalid, "{}: {} is {}, expected float32 [1]", operation, x.name, x.tensor.text());
}

void requireApart(std::string_view operation, Operand output, std::initializer_list<Operand> inputs) {
    for (const Operand& input : inputs)
        if (overlap(output.tensor, input.tensor))
            fail(kInvalid, "{}: {}, {}, overlaps {}, {}", operation, output.name, output.tensor.text(), input.name,
                 input.tensor.text());
}

void requireApartOrSame(std::string_view operation, Operand output, Operand input) {
    if (output.tensor.data != input.tensor.data || output.tensor.dtype != input.tensor.dtype)
        requireApart(operation, output, {input});
}

std::string weightText(const Weight& weight) {
    if (!weight.isQuantized())
        return weight.dense.text();
    return std::string(quantTypeName(weight.quantized.type)) + " " + weight.quantized.shape.text();
}

void requireWeight(std::string_view operation, std::string_view name, const Weight& weight) {
    if (weight.isQuantized()) {
        requireQuantized(operation, name, weight);
        return;
    }
    requirePresent(operation, {{name, weight.dense}});
    requireRank(operation, {name, weight.dense}, 2);
    if (weight.dense.dtype != DType::F32 && weight.dense.dtype != DType::BF16 && weight.dense.dtype != DType::F16)
        fail(kInvalid, "{}: {} is {}, expected float32, bfloat16 or float16", operation, name, weight.dense.text());
}

void requireApart(std::string_view operation, Operand output, std::string_view name, const Weight& weight) {
    if (!weight.isQuantized()) {
        requireApart(operation, output, {{name, weight.dense}});
        return;
    }
    const QuantizedTensor& q = weight.quantized;
    for (const Tensor* part : {&q.codes, &q.absmax, &q.codebook, &q.nestedAbsmax, &q.nestedMap})
        requireApart(operation, output, {{name, *part}});
}

} // namespace lorikeet::checks
