// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/jinja/evaluator.h"
#include "core/text/jinja/operations.h"

namespace lorikeet::jinja {

using Kind = Expression::Kind;

Value Evaluator::evaluate(const Expression& node) {
    const Limits::Level level(m_limits);
    m_limits.line = node.line;
    m_limits.spend();
    const auto part = [&](std::size_t index) { return evaluate(*node.parts[index]); };
    switch (node.kind) {
    case Kind::Constant:
        return node.value;
    case Kind::Name:
        return evaluateName(node);
    case Kind::List:
        return Value::list(evaluateParts(node, 0), m_limits);
    case Kind::Tuple:
        return Value::tuple(evaluateParts(node, 0), m_limits);
    case Kind::Dict:
        return evaluateDict(node);
    case Kind::Attribute:
        return attribute(part(0), node.text, m_limits);
    case Kind::Item: {
        const Value object = part(0);
        return item(object, part(1), m_limits);
    }
    case Kind::Slice:
        return evaluateSlice(node);
    case Kind::Call:
        return call(node, nullptr);
    case Kind::Filter: {
        const Value input = part(0);
        return applyFilter(node.text, input, evaluateArguments(node), m_limits);
    }
    case Kind::Test: {
        const Value input = part(0);
        return Value::boolean(applyTest(node.text, input, evaluateArguments(node), m_limits));
    }
    case Kind::Not:
        return Value::boolean(!truthy(part(0)));
    case Kind::And: {
        Value left = part(0);
        return truthy(left) ? part(1) : left;
    }
    case Kind::Or: {
        Value left = part(0);
        return truthy(left) ? left : part(1);
    }
    case Kind::Unary:
        return unary(node.text, part(0), m_limits);
    case Kind::Binary: {
        const Value left = part(0);
        return binary(node.text, left, part(1), m_limits);
    }
    case Kind::Compare:
        return evaluateCompare(node);
    case Kind::Conditional:
        if (truthy(part(1)))
            return part(0);
        return node.parts[2] ? part(2) : Value::undefined("the inline if has no else");
    }
    m_limits.fault("unknown expression");
}

Value Evaluator::evaluateName(const Expression& node) {
    const Value* value = m_scope->find(node.text);
    return value != nullptr ? *value : Value::undefined(fmt::format("'{}' is undefined", node.text));
}

Value Evaluator::evaluateDict(const Expression& node) {
    auto result = std::make_shared<Mapping>();
    for (std::size_t i = 0; i < node.parts.size(); i += 2) {
        const Value key = evaluate(*node.parts[i]);
        requireDefined(key, m_limits);
        result->set(key, evaluate(*node.parts[i + 1]), m_limits);
    }
    return Value::mapping(std::move(result));
}

Value Evaluator::evaluateSlice(const Expression& node) {
    const Value object = evaluate(*node.parts[0]);
    std::optional<int64_t> bounds[3];
    for (std::size_t i = 0; i < 3; ++i) {
        if (!node.parts[i + 1])
            continue;
        const Value bound = evaluate(*node.parts[i + 1]);
        if (!bound.is(Type::None))
            bounds[i] = requireInteger(bound, "a slice bound", m_limits);
    }
    return slice(object, bounds[0], bounds[1], bounds[2], m_limits);
}

Value Evaluator::evaluateCompare(const Expression& node) {
    Value left = evaluate(*node.parts[0]);
    for (std::size_t i = 0; i < node.operators.size(); ++i) {
        Value right = evaluate(*node.parts[i + 1]);
        if (!relation(node.operators[i], left, right, m_limits))
            return Value::boolean(false);
        left = std::move(right);
    }
    return Value::boolean(true);
}

Value Evaluator::evaluateFilter(const Expression& node, const Value* input) {
    const Limits::Level level(m_limits);
    const Value inside = node.parts[0] ? evaluateFilter(*node.parts[0], input) : *input;
    return applyFilter(node.text, inside, evaluateArguments(node), m_limits);
}

Value Evaluator::call(const Expression& node, const Value* caller) {
    const Value callee = evaluate(*node.parts[0]);
    requireDefined(callee, m_limits);
    if (!callee.is(Type::Function))
        m_limits.fault("a '{}' cannot be called", typeName(callee.type()));
    Function::Arguments arguments = evaluateArguments(node);
    if (caller != nullptr)
        arguments.named.emplace_back("caller", *caller);
    m_limits.line = node.line;
    return callee.asFunction().call(arguments, m_limits);
}

std::vector<Value> Evaluator::evaluateParts(const Expression& node, std::size_t first) {
    std::vector<Value> result;
    for (std::size_t i = first; i < node.parts.size(); ++i)
        result.push_back(evaluate(*node.parts[i]));
    return result;
}

Function::Arguments Evaluator::evaluateArguments(const Expression& node) {
    Function::Arguments result;
    result.positional = evaluateParts(node, 1);
    for (const auto& [name, expression] : node.named)
        result.named.emplace_back(name, evaluate(*expression));
    return result;
}

} // namespace lorikeet::jinja
