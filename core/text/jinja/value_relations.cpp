// SPDX-License-Identifier: GPL-3.0-or-later
// How values compare: truth, equality, order, membership.
#include <algorithm>

#include "core/text/jinja/value.h"

namespace lorikeet::jinja {

namespace {

template <typename Item>
int order(const Item& left, const Item& right) {
    return left < right ? -1 : right < left ? 1 : 0;
}

void spendOnTexts(const Value& left, const Value& right, Limits& limits) {
    limits.spend(static_cast<int64_t>(std::min(left.asString().size(), right.asString().size()) / 64));
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
        spendOnTexts(left, right, limits);
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
    if (left.is(Type::String) && right.is(Type::String)) {
        spendOnTexts(left, right, limits);
        return order(left.asString(), right.asString());
    }
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

} // namespace lorikeet::jinja
