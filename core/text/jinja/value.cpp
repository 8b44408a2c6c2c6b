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
