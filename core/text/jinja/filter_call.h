// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/text/jinja/operations.h"

namespace lorikeet::jinja {

/// One use of a filter: what stands before it, its arguments.
struct FilterCall {
    const Value& input;
    const Function::Arguments& arguments;
    Limits& limits;

    const Value* find(std::size_t position, std::string_view name) const { return arguments.find(position, name); }
    const Value& at(std::size_t position, std::string_view name) const {
        const Value* value = find(position, name);
        if (value == nullptr)
            limits.fault("a filter misses its argument '{}'", name);
        return *value;
    }
    bool flag(std::size_t position, std::string_view name, bool standard) const {
        const Value* value = find(position, name);
        return value == nullptr ? standard : truthy(*value);
    }
    std::string text() const { return toText(input, limits); }
    Value method(const char* name) const { return callMethod(Value::string(text()), name, arguments, limits); }
    Value list(std::vector<Value> items) const { return Value::list(std::move(items), limits); }
    std::vector<Value> items() const { return iterate(input, limits); }
};

using Filter = Value (*)(const FilterCall&);
using NamedFilter = std::pair<const std::string_view, Filter>;

/// The filters that take a list apart: map, select, sort, join, ...
std::span<const NamedFilter> listFilters();

} // namespace lorikeet::jinja
