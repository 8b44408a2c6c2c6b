// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <charconv>

#include "core/text/jinja/filter_call.h"
#include "core/text/jinja/strings.h"

namespace lorikeet::jinja {

namespace {

/// A path like "function.name" or "0.text".
Value follow(Value value, const Value& path, Limits& limits) {
    if (!path.is(Type::String))
        return item(value, path, limits);
    const std::string& text = path.asString();
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find('.', begin), text.size());
        const std::string part = text.substr(begin, end - begin);
        int64_t index = 0;
        const auto [stop, error] = std::from_chars(part.data(), part.data() + part.size(), index);
        const bool number = error == std::errc() && stop == part.data() + part.size() && index >= 0;
        value = item(value, number ? Value::integer(index) : Value::string(part), limits);
        begin = end + 1;
    }
    return value;
}

/// The arguments from the one at `first` on.
Function::Arguments tail(const Function::Arguments& arguments, std::size_t first) {
    Function::Arguments result;
    for (std::size_t i = first; i < arguments.positional.size(); ++i)
        result.positional.push_back(arguments.positional[i]);
    result.named = arguments.named;
    return result;
}

Value mapItems(const FilterCall& call) {
    std::vector<Value> result;
    const Value* path = call.arguments.findNamed("attribute");
    const Value* standard = call.arguments.findNamed("default");
    for (const Value& entry : call.items()) {
        if (path != nullptr) {
            Value found = follow(entry, *path, call.limits);
            result.push_back(found.is(Type::Undefined) && standard != nullptr ? *standard : std::move(found));
        } else {
            const std::string& name = requireString(call.at(0, "filter"), "the filter", call.limits);
            result.push_back(applyFilter(name, entry, tail(call.arguments, 1), call.limits));
        }
    }
    return call.list(std::move(result));
}

/// select, reject (kFirst 0) and selectattr, rejectattr (kFirst 1).
template <std::size_t kFirst, bool kKeeps>
Value selectItems(const FilterCall& call) {
    std::vector<Value> result;
    for (const Value& entry : call.items()) {
        const Value tested = kFirst == 0 ? entry : follow(entry, call.at(0, "attribute"), call.limits);
        const Value* test = call.find(kFirst, "test");
        const bool passes = test == nullptr ? truthy(tested)
                                            : applyTest(requireString(*test, "the test", call.limits), tested,
                                                        tail(call.arguments, kFirst + 1), call.limits);
        if (passes == kKeeps)
            result.push_back(entry);
    }
    return call.list(std::move(result));
}

Value joinItems(const FilterCall& call) {
    const Value* separator = call.find(0, "d");
    const std::string between = separator == nullptr ? "" : toText(*separator, call.limits);
    const Value* path = call.find(1, "attribute");
    std::string result;
    bool first = true;
    for (const Value& entry : call.items()) {
        const std::string text = toText(path == nullptr ? entry : follow(entry, *path, call.limits), call.limits);
        call.limits.allocate(text.size() + between.size());
        if (!first)
            result += between;
        first = false;
        result += text;
    }
    return Value::string(std::move(result));
}

Value sortKey(const FilterCall& call, const Value& entry, const Value* path, bool caseSensitive) {
    Value key = path == nullptr || path->is(Type::None) ? entry : follow(entry, *path, call.limits);
    if (!caseSensitive && key.is(Type::String)) {
        call.limits.allocate(key.asString().size() * 8);
        return Value::string(toLower(key.asString()));
    }
    return key;
}

Value sorted(const FilterCall& call) {
    const bool reverse = call.flag(0, "reverse", false), caseSensitive = call.flag(1, "case_sensitive", false);
    const Value* path = call.find(2, "attribute");
    std::vector<std::pair<Value, Value>> keyed;
    for (const Value& entry : call.items())
        keyed.emplace_back(sortKey(call, entry, path, caseSensitive), entry);
    std::stable_sort(keyed.begin(), keyed.end(), [&](const auto& left, const auto& right) {
        const int order = compare(left.first, right.first, call.limits);
        return reverse ? order > 0 : order < 0;
    });
    std::vector<Value> result;
    for (auto& [key, entry] : keyed)
        result.push_back(std::move(entry));
    return call.list(std::move(result));
}

Value unique(const FilterCall& call) {
    const bool caseSensitive = call.flag(0, "case_sensitive", false);
    const Value* path = call.find(1, "attribute");
    std::vector<Value> keys, result;
    for (const Value& entry : call.items()) {
        Value key = sortKey(call, entry, path, caseSensitive);
        if (std::any_of(keys.begin(), keys.end(), [&](const Value& seen) { return equal(seen, key, call.limits); }))
            continue;
        keys.push_back(std::move(key));
        result.push_back(entry);
    }
    return call.list(std::move(result));
}

template <int kSign>
Value extreme(const FilterCall& call) {
    const bool caseSensitive = call.flag(0, "case_sensitive", false);
    const Value* path = call.find(1, "attribute");
    const std::vector<Value> items = call.items();
    if (items.empty())
        return Value::undefined("no item in an empty list");
    Value best = items[0], bestKey = sortKey(call, best, path, caseSensitive);
    for (const Value& entry : items) {
        Value key = sortKey(call, entry, path, caseSensitive);
        if (compare(key, bestKey, call.limits) * kSign > 0) {
            best = entry;
            bestKey = std::move(key);
        }
    }
    return best;
}

Value reversed(const FilterCall& call) {
    std::vector<Value> items = call.items();
    std::reverse(items.begin(), items.end());
    if (!call.input.is(Type::String))
        return call.list(std::move(items));
    std::string text;
    for (const Value& character : items)
        text += character.asString();
    return Value::string(std::move(text));
}

Value sum(const FilterCall& call) {
    const Value* path = call.find(0, "attribute");
    const Value* start = call.find(1, "start");
    Value total = start == nullptr ? Value::integer(0) : *start;
    for (const Value& entry : call.items())
        total = binary("+", total, path == nullptr || path->is(Type::None) ? entry : follow(entry, *path, call.limits),
                       call.limits);
    return total;
}

template <bool kLast>
Value endItem(const FilterCall& call) {
    const std::vector<Value> items = call.items();
    if (items.empty())
        return Value::undefined(kLast ? "no last item in an empty list" : "no first item in an empty list");
    return kLast ? items.back() : items.front();
}

} // namespace

std::span<const NamedFilter> listFilters() {
    static const NamedFilter kFilters[] = {
        {"join", joinItems},
        {"first", endItem<false>},
        {"last", endItem<true>},
        {"list", [](const FilterCall& call) { return call.list(call.items()); }},
        {"map", mapItems},
        {"select", selectItems<0, true>},
        {"reject", selectItems<0, false>},
        {"selectattr", selectItems<1, true>},
        {"rejectattr", selectItems<1, false>},
        {"sort", sorted},
        {"unique", unique},
        {"min", extreme<-1>},
        {"max", extreme<1>},
        {"reverse", reversed},
        {"sum", sum},
    };
    return kFilters;
}

} // namespace lorikeet::jinja
