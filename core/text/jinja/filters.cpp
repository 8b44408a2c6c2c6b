// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_map>

#include "core/text/jinja/operations.h"
#include "core/text/jinja/strings.h"

namespace lorikeet::jinja {

namespace {

struct Call {
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

using Filter = Value (*)(const Call&);

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

Value mapItems(const Call& call) {
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
Value selectItems(const Call& call) {
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

Value joinItems(const Call& call) {
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

Value toJsonText(const Call& call) {
    for (const auto& [name, value] : call.arguments.named)
        if (name != "indent" && name != "ensure_ascii")
            unsupportedAt(call.limits.line, "tojson with " + name.substr(0, 60));
    if (const Value* ascii = call.arguments.findNamed("ensure_ascii"); ascii != nullptr && truthy(*ascii))
        unsupportedAt(call.limits.line, "tojson with ensure_ascii");
    const Value* indent = call.arguments.findNamed("indent");
    if (indent == nullptr || indent->is(Type::None))
        return Value::string(toJson(call.input, -1, call.limits));
    const int64_t width = std::clamp<int64_t>(requireInteger(*indent, "indent", call.limits), 0, 64);
    return Value::string(toJson(call.input, static_cast<int>(width), call.limits));
}

Value indented(const Call& call) {
    const Value* width = call.find(0, "width");
    std::string margin(4, ' ');
    if (width != nullptr && width->is(Type::String))
        margin = width->asString();
    else if (width != nullptr)
        margin.assign(
            static_cast<std::size_t>(std::clamp<int64_t>(requireInteger(*width, "width", call.limits), 0, 1 << 16)),
            ' ');
    const bool first = call.flag(1, "first", false), blank = call.flag(2, "blank", false);
    const Value lines = callMethod(Value::string(call.text() + "\n"), "splitlines", {}, call.limits);
    std::string result;
    bool atFirst = true;
    for (const Value& line : lines.items()) {
        call.limits.allocate(line.asString().size() + margin.size() + 1);
        if (!atFirst)
            result += '\n';
        const bool indents = atFirst ? first : blank || !line.asString().empty();
        if (indents)
            result += margin;
        result += line.asString();
        atFirst = false;
    }
    return Value::string(std::move(result));
}

Value titled(const Call& call) {
    const std::string text = call.text();
    call.limits.allocate(text.size() * 8);
    constexpr std::string_view kBreaks = "-({[<";
    std::string result, word;
    const auto flush = [&] {
        result += capitalized(word);
        word.clear();
    };
    for (const char c : text) {
        const bool breaks = kBreaks.find(c) != std::string_view::npos || isPythonSpace(static_cast<unsigned char>(c));
        if (breaks && static_cast<unsigned char>(c) < 0x80) {
            flush();
            result += c;
        } else {
            word += c;
        }
    }
    flush();
    return Value::string(std::move(result));
}

Value toInteger(const Call& call) {
    requireDefined(call.input, call.limits);
    const Value* standard = call.find(0, "default");
    const Value fallback = standard == nullptr ? Value::integer(0) : *standard;
    if (call.input.is(Type::Float)) {
        const double value = std::trunc(call.input.asReal());
        return std::fabs(value) < 9.2e18 ? Value::integer(static_cast<int64_t>(value)) : fallback;
    }
    if (call.input.isNumber())
        return Value::integer(call.input.asInteger());
    if (!call.input.is(Type::String))
        return fallback;
    std::string_view text = stripRight(stripLeft(call.input.asString()));
    if (text.starts_with('+'))
        text.remove_prefix(1);
    int64_t value = 0;
    const auto whole = std::from_chars(text.data(), text.data() + text.size(), value);
    if (whole.ec == std::errc() && whole.ptr == text.data() + text.size())
        return Value::integer(value);
    double real = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), real);
    const bool valid = result.ec == std::errc() && result.ptr == text.data() + text.size() && std::fabs(real) < 9.2e18;
    return valid ? Value::integer(static_cast<int64_t>(real)) : fallback;
}

Value toReal(const Call& call) {
    requireDefined(call.input, call.limits);
    const Value* standard = call.find(0, "default");
    const Value fallback = standard == nullptr ? Value::real(0) : *standard;
    if (call.input.isNumber())
        return Value::real(call.input.asReal());
    if (!call.input.is(Type::String))
        return fallback;
    const std::string_view text = stripRight(stripLeft(call.input.asString()));
    double real = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), real);
    return result.ec == std::errc() && result.ptr == text.data() + text.size() ? Value::real(real) : fallback;
}

Value dictItems(const Call& call) {
    if (call.input.is(Type::Undefined))
        return call.list({});
    if (!call.input.is(Type::Dict))
        call.limits.fault("items of a '{}'", typeName(call.input.type()));
    return callMethod(call.input, "items", {}, call.limits);
}

Value sortKey(const Call& call, const Value& entry, const Value* path, bool caseSensitive) {
    Value key = path == nullptr || path->is(Type::None) ? entry : follow(entry, *path, call.limits);
    if (!caseSensitive && key.is(Type::String)) {
        call.limits.allocate(key.asString().size() * 8);
        return Value::string(toLower(key.asString()));
    }
    return key;
}

Value sorted(const Call& call) {
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

Value unique(const Call& call) {
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
Value extreme(const Call& call) {
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

Value reversed(const Call& call) {
    std::vector<Value> items = call.items();
    std::reverse(items.begin(), items.end());
    if (!call.input.is(Type::String))
        return call.list(std::move(items));
    std::string text;
    for (const Value& character : items)
        text += character.asString();
    return Value::string(std::move(text));
}

Value sum(const Call& call) {
    const Value* path = call.find(0, "attribute");
    const Value* start = call.find(1, "start");
    Value total = start == nullptr ? Value::integer(0) : *start;
    for (const Value& entry : call.items())
        total = binary("+", total, path == nullptr || path->is(Type::None) ? entry : follow(entry, *path, call.limits),
                       call.limits);
    return total;
}

Value rounded(const Call& call) {
    requireDefined(call.input, call.limits);
    if (!call.input.isNumber())
        call.limits.fault("round of a '{}'", typeName(call.input.type()));
    const Value* precision = call.find(0, "precision");
    const int64_t digits = precision == nullptr ? 0 : requireInteger(*precision, "precision", call.limits);
    if (call.find(1, "method") != nullptr || digits < 0 || digits > 15)
        unsupportedAt(call.limits.line, "round with this method or precision");
    // Printing and reading back rounds the decimal value as Python does.
    const std::string text = fmt::format("{:.{}f}", call.input.asReal(), digits);
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return call.input.is(Type::Float) ? Value::real(value) : call.input;
}

template <bool kLast>
Value endItem(const Call& call) {
    const std::vector<Value> items = call.items();
    if (items.empty())
        return Value::undefined(kLast ? "no last item in an empty list" : "no first item in an empty list");
    return kLast ? items.back() : items.front();
}

Value withDefault(const Call& call) {
    const Value* standard = call.find(0, "default_value");
    const bool replaces = call.input.is(Type::Undefined) || (call.flag(1, "boolean", false) && !truthy(call.input));
    return !replaces ? call.input : standard == nullptr ? Value::string("") : *standard;
}

Value replaceFilter(const Call& call) {
    return replaceText(Value::string(call.text()), call.arguments, call.limits);
}

Value absolute(const Call& call) {
    requireDefined(call.input, call.limits);
    if (!call.input.isNumber())
        call.limits.fault("abs of a '{}'", typeName(call.input.type()));
    return call.input.asReal() < 0 ? unary("-", call.input, call.limits) : unary("+", call.input, call.limits);
}

const std::unordered_map<std::string_view, Filter>& filters() {
    static const std::unordered_map<std::string_view, Filter> kFilters = {
        {"trim", [](const Call& call) { return call.method("strip"); }},
        {"upper", [](const Call& call) { return call.method("upper"); }},
        {"lower", [](const Call& call) { return call.method("lower"); }},
        {"capitalize", [](const Call& call) { return call.method("capitalize"); }},
        {"title", titled},
        {"length", [](const Call& call) { return Value::integer(lengthOf(call.input, call.limits)); }},
        {"count", [](const Call& call) { return Value::integer(lengthOf(call.input, call.limits)); }},
        {"join", joinItems},
        {"tojson", toJsonText},
        {"default", withDefault},
        {"d", withDefault},
        {"first", endItem<false>},
        {"last", endItem<true>},
        {"list", [](const Call& call) { return call.list(call.items()); }},
        {"replace", replaceFilter},
        {"map", mapItems},
        {"select", selectItems<0, true>},
        {"reject", selectItems<0, false>},
        {"selectattr", selectItems<1, true>},
        {"rejectattr", selectItems<1, false>},
        {"items", dictItems},
        {"string", [](const Call& call) { return Value::string(call.text()); }},
        {"safe", [](const Call& call) { return Value::string(call.text()); }},
        {"int", toInteger},
        {"float", toReal},
        {"indent", indented},
        {"sort", sorted},
        {"unique", unique},
        {"min", extreme<-1>},
        {"max", extreme<1>},
        {"reverse", reversed},
        {"sum", sum},
        {"round", rounded},
        {"abs", absolute},
    };
    return kFilters;
}

} // namespace

Value applyFilter(const std::string& name, const Value& input, const Function::Arguments& arguments, Limits& limits) {
    const Limits::Level level(limits);
    limits.spend();
    const auto place = filters().find(name);
    if (place == filters().end())
        unsupportedAt(limits.line, "the filter '" + name.substr(0, 60) + "'");
    return place->second({input, arguments, limits});
}

} // namespace lorikeet::jinja
