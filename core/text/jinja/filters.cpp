// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_map>

#include "core/text/jinja/filter_call.h"
#include "core/text/jinja/strings.h"

namespace lorikeet::jinja {

namespace {

Value toJsonText(const FilterCall& call) {
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

Value indented(const FilterCall& call) {
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

Value titled(const FilterCall& call) {
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

Value toInteger(const FilterCall& call) {
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

Value toReal(const FilterCall& call) {
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

Value dictItems(const FilterCall& call) {
    if (call.input.is(Type::Undefined))
        return call.list({});
    if (!call.input.is(Type::Dict))
        call.limits.fault("items of a '{}'", typeName(call.input.type()));
    return callMethod(call.input, "items", {}, call.limits);
}

Value rounded(const FilterCall& call) {
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

Value asText(const FilterCall& call) {
    return call.input.is(Type::String) ? call.input : Value::string(call.text());
}

Value withDefault(const FilterCall& call) {
    const Value* standard = call.find(0, "default_value");
    const bool replaces = call.input.is(Type::Undefined) || (call.flag(1, "boolean", false) && !truthy(call.input));
    return !replaces ? call.input : standard == nullptr ? Value::string("") : *standard;
}

Value replaceFilter(const FilterCall& call) {
    return replaceText(Value::string(call.text()), call.arguments, call.limits);
}

Value absolute(const FilterCall& call) {
    requireDefined(call.input, call.limits);
    if (!call.input.isNumber())
        call.limits.fault("abs of a '{}'", typeName(call.input.type()));
    return call.input.asReal() < 0 ? unary("-", call.input, call.limits) : unary("+", call.input, call.limits);
}

std::unordered_map<std::string_view, Filter> allFilters() {
    std::unordered_map<std::string_view, Filter> filters = {
        {"trim", [](const FilterCall& call) { return call.method("strip"); }},
        {"upper", [](const FilterCall& call) { return call.method("upper"); }},
        {"lower", [](const FilterCall& call) { return call.method("lower"); }},
        {"capitalize", [](const FilterCall& call) { return call.method("capitalize"); }},
        {"title", titled},
        {"length", [](const FilterCall& call) { return Value::integer(lengthOf(call.input, call.limits)); }},
        {"count", [](const FilterCall& call) { return Value::integer(lengthOf(call.input, call.limits)); }},
        {"tojson", toJsonText},
        {"default", withDefault},
        {"d", withDefault},
        {"replace", replaceFilter},
        {"items", dictItems},
        {"string", asText},
        {"safe", asText},
        {"int", toInteger},
        {"float", toReal},
        {"indent", indented},
        {"round", rounded},
        {"abs", absolute},
    };
    for (const NamedFilter& filter : listFilters())
        filters.insert(filter);
    return filters;
}

} // namespace

Value applyFilter(const std::string& name, const Value& input, const Function::Arguments& arguments, Limits& limits) {
    const Limits::Level level(limits);
    limits.spend();
    static const std::unordered_map<std::string_view, Filter> kFilters = allFilters();
    const auto place = kFilters.find(name);
    if (place == kFilters.end())
        unsupportedAt(limits.line, "the filter '" + name.substr(0, 60) + "'");
    return place->second({input, arguments, limits});
}

} // namespace lorikeet::jinja
