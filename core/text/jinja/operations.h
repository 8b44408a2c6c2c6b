// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/text/jinja/value.h"

namespace lorikeet::jinja {

/// left `op` right for + - ~ * / // % **, as Python computes; integers beyond 64 bits throw.
Value binary(std::string_view op, const Value& left, const Value& right, Limits& limits);
/// + or - in front of a number.
Value unary(std::string_view op, const Value& value, Limits& limits);
/// left `op` right for == != < <= > >= in "not in".
bool relation(std::string_view op, const Value& left, const Value& right, Limits& limits);

/// value.name: a method, else an entry. Undefined where there is none, or where it begins with an underscore and is no
/// entry, as in Jinja's sandbox.
Value attribute(const Value& value, const std::string& name, Limits& limits);
/// value[key]: an entry, else an attribute.
Value item(const Value& value, const Value& key, Limits& limits);
/// value[start:stop:step].
Value slice(const Value& value, std::optional<int64_t> start, std::optional<int64_t> stop, std::optional<int64_t> step,
            Limits& limits);

bool hasMethod(Type type, std::string_view name);
Value callMethod(const Value& self, std::string_view name, const Function::Arguments& arguments, Limits& limits);

/// Throws NotBuilt where there is no such filter.
Value applyFilter(const std::string& name, const Value& input, const Function::Arguments& arguments, Limits& limits);
/// Throws NotBuilt where there is no such test.
bool applyTest(const std::string& name, const Value& input, const Function::Arguments& arguments, Limits& limits);

/// Python's str.replace within the limits.
Value replaceText(const Value& text, const Function::Arguments& arguments, Limits& limits);

/// Throws where an undefined value is used.
void requireDefined(const Value& value, Limits& limits);
int64_t requireInteger(const Value& value, std::string_view what, Limits& limits);
const std::string& requireString(const Value& value, std::string_view what, Limits& limits);

} // namespace lorikeet::jinja
