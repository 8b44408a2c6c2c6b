// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/text/jinja/operations.h"
#include "core/text/utf8.h"

namespace lorikeet::jinja {

namespace {

class Method : public Function {
public:
    Method(Value self, std::string name) : m_self(std::move(self)), m_name(std::move(name)) {}

    Value call(const Arguments& arguments, Limits& limits) const override {
        return callMethod(m_self, m_name, arguments, limits);
    }
    int depth() const override { return m_self.depth() + 1; }

private:
    Value m_self;
    std::string m_name;
};

Value missing(const Value& value, std::string_view name) {
    return Value::undefined(fmt::format("'{} object' has no attribute '{}'", typeName(value.type()), name));
}

const Value* findEntry(const Value& value, const std::string& name) {
    return value.is(Type::Dict) || value.is(Type::Namespace) ? value.entries().find(name) : nullptr;
}

/// Places of the characters of a string, or of the items of a list, that a slice takes.
template <typename Take>
void eachIndex(int64_t length, std::optional<int64_t> start, std::optional<int64_t> stop, int64_t step, Take take) {
    const auto clamped = [&](std::optional<int64_t> bound, int64_t standard) {
        if (!bound)
            return standard;
        const int64_t place = *bound < 0 ? *bound + length : *bound;
        return step > 0 ? std::clamp<int64_t>(place, 0, length) : std::clamp<int64_t>(place, -1, length - 1);
    };
    const int64_t begin = clamped(start, step > 0 ? 0 : length - 1), end = clamped(stop, step > 0 ? length : -1);
    if (step > 0)
        for (int64_t i = begin; i < end; i += std::min(step, length))
            take(i);
    else
        for (int64_t i = begin; i > end; i += std::max(step, -length))
            take(i);
}

} // namespace

Value attribute(const Value& value, const std::string& name, Limits& limits) {
    requireDefined(value, limits);
    if (!name.starts_with('_') && hasMethod(value.type(), name))
        return Value::function(std::make_shared<const Method>(value, name));
    if (const Value* entry = findEntry(value, name))
        return *entry;
    return missing(value, name);
}

Value item(const Value& value, const Value& key, Limits& limits) {
    requireDefined(value, limits);
    if (value.is(Type::Dict)) {
        if (const Value* entry = value.entries().find(key, limits))
            return *entry;
    } else if (key.is(Type::Integer) || key.is(Type::Boolean)) {
        const int64_t index = key.asInteger();
        if (value.isSequence() || value.is(Type::String)) {
            const int64_t length = lengthOf(value, limits);
            const int64_t place = index < 0 ? index + length : index;
            if (place < 0 || place >= length)
                return Value::undefined(fmt::format("{} has no element {}", typeName(value.type()), index));
            return value.isSequence() ? value.items()[static_cast<std::size_t>(place)]
                                      : slice(value, place, place + 1, std::nullopt, limits);
        }
    }
    if (key.is(Type::String))
        return attribute(value, key.asString(), limits);
    return missing(value, toText(key, limits));
}

Value slice(const Value& value, std::optional<int64_t> start, std::optional<int64_t> stop, std::optional<int64_t> step,
            Limits& limits) {
    requireDefined(value, limits);
    if (step == 0)
        limits.fault("slice step of zero");
    if (value.isSequence()) {
        std::vector<Value> items;
        limits.allocate(value.items().size() * sizeof(Value));
        eachIndex(static_cast<int64_t>(value.items().size()), start, stop, step.value_or(1),
                  [&](int64_t i) { items.push_back(value.items()[static_cast<std::size_t>(i)]); });
        return value.is(Type::Tuple) ? Value::tuple(std::move(items), limits) : Value::list(std::move(items), limits);
    }
    if (!value.is(Type::String))
        limits.fault("'{}' cannot be sliced", typeName(value.type()));
    const std::string& text = value.asString();
    limits.allocate(text.size() * 5);
    std::vector<uint32_t> places;
    for (std::size_t i = 0; i < text.size(); i += characterLength(text, i))
        places.push_back(static_cast<uint32_t>(i));
    std::string result;
    eachIndex(static_cast<int64_t>(places.size()), start, stop, step.value_or(1), [&](int64_t i) {
        const std::size_t place = places[static_cast<std::size_t>(i)];
        result.append(text, place, characterLength(text, place));
    });
    return Value::string(std::move(result));
}

} // namespace lorikeet::jinja
