// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/jinja/value.h"

#include <algorithm>

#include "core/text/utf8.h"

namespace lorikeet::jinja {

namespace {

/// Deeper values would overflow the stack when they are destroyed.
constexpr int kDeepestValue = 100;

int depthOf(const std::vector<Value>& items, Limits& limits) {
    int depth = 0;
    for (const Value& item : items)
        depth = std::max(depth, item.depth());
    if (depth >= kDeepestValue)
        limits.fault("values nested deeper than {} levels", kDeepestValue);
    return depth + 1;
}

template <typename Item>
int order(const Item& left, const Item& right) {
    return left < right ? -1 : right < left ? 1 : 0;
}

int orderSequences(const Value& left, const Value& right, Limits& limits) {
    const auto &a = left.items(), &b = right.items();
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
        if (!equal(a[i], b[i], limits))
            return compare(a[i], b[i], limits);
    return order(a.size(), b.size());
}

bool equalSequences(const Value& left, const Value& right, Limits& limits) {
    const auto &a = left.items(), &b = right.items();
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](const Value& x, const Value& y) { return equal(x, y, limits); });
}

bool equalMappings(const Mapping& left, const Mapping& right, Limits& limits) {
    if (left.entries.size() != right.entries.size())
        return false;
    return std::all_of(left.entries.begin(), left.entries.end(), [&](const auto& entry) {
        const Value* other = right.find(entry.first, limits);
        return other != nullptr && equal(entry.second, *other, limits);
    });
}

} // namespace

std::string_view typeName(Type type) {
    switch (type) {
    case Type::Undefined:
        return "undefined";
    case Type::None:
        return "none";
    case Type::Boolean:
        return "bool";
    case Type::Integer:
        return "int";
    case Type::Float:
        return "float";
    case Type::String:
        return "str";
    case Type::List:
        return "list";
    case Type::Tuple:
        return "tuple";
    case Type::Dict:
        return "dict";
    case Type::Namespace:
        return "namespace";
    case Type::Function:
        return "function";
    }
    return "unknown";
}

Value Value::undefined(std::string message) {
    return {Type::Undefined, std::make_shared<const std::string>(std::move(message))};
}
Value Value::none() {
    return {Type::None, std::monostate()};
}
Value Value::boolean(bool value) {
    return {Type::Boolean, int64_t(value)};
}
Value Value::integer(int64_t value) {
    return {Type::Integer, value};
}
Value Value::real(double value) {
    return {Type::Float, value};
}
Value Value::string(std::string value) {
    return {Type::String, std::make_shared<const std::string>(std::move(value))};
}
Value Value::mapping(std::shared_ptr<Mapping> value) {
    return {Type::Dict, std::move(value)};
}
Value Value::nameSpace(std::shared_ptr<Mapping> value) {
    return {Type::Namespace, std::move(value)};
}
Value Value::function(std::shared_ptr<const Function> value) {
    return {Type::Function, std::move(value)};
}

Value Value::list(std::vector<Value> items, Limits& limits) {
    limits.allocate(items.size() * sizeof(Value));
    const int depth = depthOf(items, limits);
    return {Type::List, std::make_shared<const Sequence>(Sequence{std::move(items), depth})};
}

Value Value::tuple(std::vector<Value> items, Limits& limits) {
    Value result = list(std::move(items), limits);
    result.m_type = Type::Tuple;
    return result;
}

double Value::asReal() const {
    return m_type == Type::Float ? std::get<double>(m_data) : static_cast<double>(asInteger());
}

const std::vector<Value>& Value::items() const {
    return std::get<std::shared_ptr<const Sequence>>(m_data)->items;
}

Mapping& Value::entries() const {
    return *std::get<std::shared_ptr<Mapping>>(m_data);
}

int Value::depth() const {
    if (isSequence())
        return std::get<std::shared_ptr<const Sequence>>(m_data)->depth;
    if (m_type == Type::Function)
        return asFunction().depth();
    // A namespace may contain itself; the evaluator takes them apart at the end.
    return m_type == Type::Dict ? entries().depth : 0;
}

const Value* Mapping::find(std::string_view key) const {
    for (const auto& [name, value] : entries)
        if (name.is(Type::String) && name.asString() == key)
            return &value;
    return nullptr;
}

const Value* Mapping::find(const Value& key, Limits& limits) const {
    if (key.isSequence() ? key.is(Type::List) : key.is(Type::Dict))
        limits.fault("unhashable type: '{}'", typeName(key.type()));
    for (const auto& [name, value] : entries)
        if (equal(name, key, limits))
            return &value;
    return nullptr;
}

void Mapping::set(const Value& key, Value value, Limits& limits) {
    if (value.depth() >= kDeepestValue)
        limits.fault("values nested deeper than {} levels", kDeepestValue);
    depth = std::max(depth, value.depth() + 1);
    if (const Value* place = find(key, limits)) {
        *const_cast<Value*>(place) = std::move(value);
        return;
    }
    limits.allocate(2 * sizeof(Value));
    entries.emplace_back(key, std::move(value));
}

const Value* Function::Arguments::findNamed(std::string_view name) const {
    for (const auto& [key, value] : named)
        if (key == name)
            return &value;
    return nullptr;
}

const Value* Function::Arguments::find(std::size_t position, std::string_view name) const {
    return position < positional.size() ? &positional[position] : findNamed(name);
}

bool truthy(const Value& value) {
    switch (value.type()) {
    case Type::Undefined:
    case Type::None:
        return false;
    case Type::Boolean:
    case Type::Integer:
        return value.asInteger() != 0;
    case Type::Float:
        return value.asReal() != 0;
    case Type::String:
        return !value.asString().empty();
    case Type::List:
    case Type::Tuple:
        return !value.items().empty();
    case Type::Dict:
        return !value.entries().entries.empty();
    default:
        return true;
    }
}

bool equal(const Value& left, const Value& right, Limits& limits) {
    const Limits::Level level(limits);
    limits.spend();
    if (left.isNumber() && right.isNumber()) {
        if (left.is(Type::Float) || right.is(Type::Float))
            return left.asReal() == right.asReal();
        return left.asInteger() == right.asInteger();
    }
    if (left.type() != right.type())
        return false;
    switch (left.type()) {
    case Type::Undefined:
    case Type::None:
        return true;
    case Type::String:
        return left.asString() == right.asString();
    case Type::List:
    case Type::Tuple:
        return equalSequences(left, right, limits);
    case Type::Dict:
        return equalMappings(left.entries(), right.entries(), limits);
    case Type::Namespace:
        return &left.entries() == &right.entries();
    default:
        return &left.asFunction() == &right.asFunction();
    }
}

int compare(const Value& left, const Value& right, Limits& limits) {
    const Limits::Level level(limits);
    limits.spend();
    if (left.isNumber() && right.isNumber()) {
        if (left.is(Type::Float) || right.is(Type::Float))
            return order(left.asReal(), right.asReal());
        return order(left.asInteger(), right.asInteger());
    }
    // UTF-8 orders bytes as code points.
    if (left.is(Type::String) && right.is(Type::String))
        return order(left.asString(), right.asString());
    if (left.isSequence() && left.type() == right.type())
        return orderSequences(left, right, limits);
    limits.fault("cannot order '{}' and '{}'", typeName(left.type()), typeName(right.type()));
}

bool contains(const Value& haystack, const Value& needle, Limits& limits) {
    switch (haystack.type()) {
    case Type::String:
        if (!needle.is(Type::String))
            limits.fault("'in <string>' requires a string, not '{}'", typeName(needle.type()));
        limits.spend(static_cast<int64_t>(haystack.asString().size() / 16));
        return haystack.asString().find(needle.asString()) != std::string::npos;
    case Type::List:
    case Type::Tuple:
        return std::any_of(haystack.items().begin(), haystack.items().end(),
                           [&](const Value& item) { return equal(item, needle, limits); });
    case Type::Dict:
        return haystack.entries().find(needle, limits) != nullptr;
    case Type::Undefined:
        return false;
    default:
        limits.fault("argument of type '{}' is not iterable", typeName(haystack.type()));
    }
}

std::vector<Value> iterate(const Value& value, Limits& limits) {
    std::vector<Value> result;
    switch (value.type()) {
    case Type::List:
    case Type::Tuple:
        limits.allocate(value.items().size() * sizeof(Value));
        return value.items();
    case Type::Dict:
        limits.allocate(value.entries().entries.size() * sizeof(Value));
        for (const auto& entry : value.entries().entries)
            result.push_back(entry.first);
        return result;
    case Type::String: {
        const std::string& text = value.asString();
        limits.allocate(text.size() * (sizeof(Value) + 64));
        for (std::size_t i = 0; i < text.size();) {
            const std::size_t length = characterLength(text, i);
            result.push_back(Value::string(text.substr(i, length)));
            i += length;
        }
        return result;
    }
    case Type::Undefined:
        return result;
    default:
        limits.fault("'{}' object is not iterable", typeName(value.type()));
    }
}

int64_t lengthOf(const Value& value, Limits& limits) {
    switch (value.type()) {
    case Type::List:
    case Type::Tuple:
        return static_cast<int64_t>(value.items().size());
    case Type::Dict:
        return static_cast<int64_t>(value.entries().entries.size());
    case Type::String:
        limits.spend(static_cast<int64_t>(value.asString().size() / 64));
        return std::count_if(value.asString().begin(), value.asString().end(),
                             [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; });
    case Type::Undefined:
        return 0;
    default:
        limits.fault("object of type '{}' has no length", typeName(value.type()));
    }
}

} // namespace lorikeet::jinja
