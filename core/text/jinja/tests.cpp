// SPDX-License-Identifier: GPL-3.0-or-later
#include <unordered_map>

#include "core/text/jinja/operations.h"
#include "core/text/jinja/strings.h"

namespace lorikeet::jinja {

namespace {

using Arguments = Function::Arguments;
using Test = bool (*)(const Value&, const Arguments&, Limits&);

const Value& operand(const Arguments& arguments, Limits& limits) {
    if (arguments.positional.empty())
        limits.fault("a test without what to compare with");
    return arguments.positional[0];
}

template <Type... kTypes>
bool isAnyOf(const Value& value, const Arguments&, Limits&) {
    return (value.is(kTypes) || ...);
}

template <char... kOperator>
bool relates(const Value& value, const Arguments& arguments, Limits& limits) {
    constexpr char kText[] = {kOperator...};
    return relation({kText, sizeof kText}, value, operand(arguments, limits), limits);
}

template <int64_t kRemainder>
bool hasParity(const Value& value, const Arguments&, Limits& limits) {
    return (requireInteger(value, "the value", limits) & 1) == kRemainder;
}

template <bool kExpected>
bool isBoolean(const Value& value, const Arguments&, Limits&) {
    return value.is(Type::Boolean) && value.asBoolean() == kExpected;
}

const std::unordered_map<std::string_view, Test>& tests() {
    static const std::unordered_map<std::string_view, Test> kTests = {
        {"defined", [](const Value& value, const Arguments&, Limits&) { return !value.is(Type::Undefined); }},
        {"undefined", isAnyOf<Type::Undefined>},
        {"none", isAnyOf<Type::None>},
        {"string", isAnyOf<Type::String>},
        {"mapping", isAnyOf<Type::Dict>},
        {"sequence", isAnyOf<Type::List, Type::Tuple, Type::String, Type::Dict, Type::Undefined>},
        {"iterable", isAnyOf<Type::List, Type::Tuple, Type::String, Type::Dict, Type::Undefined>},
        {"number", isAnyOf<Type::Integer, Type::Float, Type::Boolean>},
        {"integer", isAnyOf<Type::Integer>},
        {"float", isAnyOf<Type::Float>},
        {"boolean", isAnyOf<Type::Boolean>},
        {"callable", isAnyOf<Type::Function>},
        {"true", isBoolean<true>},
        {"false", isBoolean<false>},
        {"equalto", relates<'=', '='>},
        {"eq", relates<'=', '='>},
        {"ne", relates<'!', '='>},
        {"lt", relates<'<'>},
        {"lessthan", relates<'<'>},
        {"le", relates<'<', '='>},
        {"gt", relates<'>'>},
        {"greaterthan", relates<'>'>},
        {"ge", relates<'>', '='>},
        {"in", relates<'i', 'n'>},
        {"odd", hasParity<1>},
        {"even", hasParity<0>},
        {"divisibleby",
         [](const Value& value, const Arguments& arguments, Limits& limits) {
             return binary("%", value, operand(arguments, limits), limits).asReal() == 0;
         }},
        {"lower",
         [](const Value& value, const Arguments&, Limits& limits) {
             const std::string text = toText(value, limits);
             limits.allocate(text.size() * 8);
             return toLower(text) == text && toUpper(text) != text;
         }},
        {"upper",
         [](const Value& value, const Arguments&, Limits& limits) {
             const std::string text = toText(value, limits);
             limits.allocate(text.size() * 8);
             return toUpper(text) == text && toLower(text) != text;
         }},
        {"sameas",
         [](const Value& value, const Arguments& arguments, Limits& limits) {
             const Value& other = operand(arguments, limits);
             return value.type() == other.type() && equal(value, other, limits);
         }},
    };
    return kTests;
}

} // namespace

bool applyTest(const std::string& name, const Value& input, const Arguments& arguments, Limits& limits) {
    limits.spend();
    const auto place = tests().find(name);
    if (place == tests().end())
        unsupportedAt(limits.line, "the test '" + name.substr(0, 60) + "'");
    return place->second(input, arguments, limits);
}

} // namespace lorikeet::jinja
