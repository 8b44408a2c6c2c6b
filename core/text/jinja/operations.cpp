// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/jinja/operations.h"

#include <algorithm>
#include <cmath>

namespace lorikeet::jinja {

namespace {

template <typename Operation>
Value checked(int64_t left, int64_t right, Operation overflows, Limits& limits) {
    int64_t result = 0;
    if (overflows(left, right, &result))
        limits.fault("a number of more than 64 bits");
    return Value::integer(result);
}

Value power(int64_t base, int64_t exponent, Limits& limits) {
    if (exponent < 0) {
        if (base == 0)
            limits.fault("0 to a negative power");
        return Value::real(std::pow(static_cast<double>(base), static_cast<double>(exponent)));
    }
    int64_t result = 1;
    // Beyond 64 steps every other base overflows.
    if (base == 0 || base == 1 || base == -1)
        return Value::integer(exponent == 0 ? 1 : base == -1 && exponent % 2 == 0 ? 1 : base);
    for (int64_t i = 0; i < exponent; ++i)
        if (__builtin_mul_overflow(result, base, &result))
            limits.fault("a number of more than 64 bits");
    return Value::integer(result);
}

Value integerOperation(std::string_view op, int64_t a, int64_t b, Limits& limits) {
    if (op == "+")
        return checked(
            a, b, [](auto x, auto y, auto* r) { return __builtin_add_overflow(x, y, r); }, limits);
    if (op == "-")
        return checked(
            a, b, [](auto x, auto y, auto* r) { return __builtin_sub_overflow(x, y, r); }, limits);
    if (op == "*")
        return checked(
            a, b, [](auto x, auto y, auto* r) { return __builtin_mul_overflow(x, y, r); }, limits);
    if (op == "**")
        return power(a, b, limits);
    if (b == 0)
        limits.fault("division by zero");
    if (op == "/")
        return Value::real(static_cast<double>(a) / static_cast<double>(b));
    if (b == -1)
        return op == "%" ? Value::integer(0) : integerOperation("-", 0, a, limits);
    // Python rounds down and gives the remainder the divisor's sign.
    const bool adjust = a % b != 0 && (a % b < 0) != (b < 0);
    if (op == "//")
        return Value::integer(a / b - (adjust ? 1 : 0));
    return Value::integer(a % b + (adjust ? b : 0));
}

Value realOperation(std::string_view op, double a, double b, Limits& limits) {
    if (op == "+")
        return Value::real(a + b);
    if (op == "-")
        return Value::real(a - b);
    if (op == "*")
        return Value::real(a * b);
    if (op == "**")
        return Value::real(std::pow(a, b));
    if (b == 0)
        limits.fault("division by zero");
    if (op == "/")
        return Value::real(a / b);
    if (op == "//")
        return Value::real(std::floor(a / b));
    const double remainder = std::fmod(a, b);
    return Value::real(remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder);
}

Value concatenated(const Value& left, const Value& right, Limits& limits) {
    std::vector<Value> items = iterate(left, limits);
    items.insert(items.end(), right.items().begin(), right.items().end());
    return left.is(Type::Tuple) ? Value::tuple(std::move(items), limits) : Value::list(std::move(items), limits);
}

Value repeated(const Value& value, int64_t count, Limits& limits) {
    const std::size_t unit = value.is(Type::String) ? value.asString().size() : value.items().size() * sizeof(Value);
    const std::size_t times = count > 0 ? static_cast<std::size_t>(count) : 0;
    std::size_t bytes = 0;
    if (__builtin_mul_overflow(unit, times, &bytes))
        bytes = SIZE_MAX;
    limits.allocate(bytes);
    if (value.is(Type::String)) {
        std::string text;
        for (std::size_t i = 0; i < times && unit > 0; ++i)
            text += value.asString();
        return Value::string(std::move(text));
    }
    std::vector<Value> items;
    for (std::size_t i = 0; i < times && unit > 0; ++i)
        items.insert(items.end(), value.items().begin(), value.items().end());
    return value.is(Type::Tuple) ? Value::tuple(std::move(items), limits) : Value::list(std::move(items), limits);
}

Value textOf(const Value& left, const Value& right, Limits& limits) {
    std::string text = toText(left, limits);
    const std::string tail = toText(right, limits);
    limits.allocate(text.size() + tail.size());
    return Value::string(text += tail);
}

} // namespace

Value binary(std::string_view op, const Value& left, const Value& right, Limits& limits) {
    if (op == "~")
        return textOf(left, right, limits);
    requireDefined(left, limits);
    requireDefined(right, limits);
    if (left.isNumber() && right.isNumber()) {
        const bool real = left.is(Type::Float) || right.is(Type::Float);
        return real ? realOperation(op, left.asReal(), right.asReal(), limits)
                    : integerOperation(op, left.asInteger(), right.asInteger(), limits);
    }
    if (op == "+" && left.is(Type::String) && right.is(Type::String))
        return textOf(left, right, limits);
    if (op == "+" && left.isSequence() && left.type() == right.type())
        return concatenated(left, right, limits);
    const auto repeats = [](const Value& value) { return value.is(Type::String) || value.isSequence(); };
    const auto counts = [](const Value& value) { return value.is(Type::Integer) || value.is(Type::Boolean); };
    if (op == "*" && repeats(left) && counts(right))
        return repeated(left, right.asInteger(), limits);
    if (op == "*" && counts(left) && repeats(right))
        return repeated(right, left.asInteger(), limits);
    if (op == "%" && left.is(Type::String))
        unsupportedAt(limits.line, "formatting with %");
    limits.fault("unsupported operands for {}: '{}' and '{}'", op, typeName(left.type()), typeName(right.type()));
}

Value unary(std::string_view op, const Value& value, Limits& limits) {
    requireDefined(value, limits);
    if (!value.isNumber())
        limits.fault("bad operand for unary {}: '{}'", op, typeName(value.type()));
    if (value.is(Type::Float))
        return Value::real(op == "-" ? -value.asReal() : value.asReal());
    return integerOperation(op, 0, value.asInteger(), limits);
}

bool relation(std::string_view op, const Value& left, const Value& right, Limits& limits) {
    if (op == "==")
        return equal(left, right, limits);
    if (op == "!=")
        return !equal(left, right, limits);
    if (op == "in")
        return contains(right, left, limits);
    if (op == "not in")
        return !contains(right, left, limits);
    requireDefined(left, limits);
    requireDefined(right, limits);
    const bool nan = left.isNumber() && right.isNumber() && (std::isnan(left.asReal()) || std::isnan(right.asReal()));
    const int order = compare(left, right, limits);
    if (nan)
        return false;
    return op == "<" ? order < 0 : op == "<=" ? order <= 0 : op == ">" ? order > 0 : order >= 0;
}

void requireDefined(const Value& value, Limits& limits) {
    if (value.is(Type::Undefined))
        limits.fault("{}", value.undefinedMessage());
}

int64_t requireInteger(const Value& value, std::string_view what, Limits& limits) {
    requireDefined(value, limits);
    if (!value.is(Type::Integer) && !value.is(Type::Boolean))
        limits.fault("{} must be a whole number, not '{}'", what, typeName(value.type()));
    return value.asInteger();
}

const std::string& requireString(const Value& value, std::string_view what, Limits& limits) {
    requireDefined(value, limits);
    if (!value.is(Type::String))
        limits.fault("{} must be a string, not '{}'", what, typeName(value.type()));
    return value.asString();
}

} // namespace lorikeet::jinja
