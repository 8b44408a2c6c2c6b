// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>

#include "core/text/jinja/operations.h"
#include "core/text/jinja/strings.h"
#include "core/text/utf8.h"

namespace lorikeet::jinja {

namespace {

using Arguments = Function::Arguments;

constexpr std::array<std::string_view, 17> kStringMethods = {
    "strip", "lstrip", "rstrip",     "split",   "rsplit", "splitlines", "startswith", "endswith", "upper",
    "lower", "title",  "capitalize", "replace", "find",   "count",      "join",       "isdigit"};
constexpr std::array<std::string_view, 4> kDictMethods = {"keys", "values", "items", "get"};
constexpr std::array<std::string_view, 2> kListMethods = {"index", "count"};

const Value& required(const Arguments& arguments, std::size_t position, std::string_view name, Limits& limits) {
    const Value* value = arguments.find(position, name);
    if (value == nullptr)
        limits.fault("missing argument '{}'", name);
    return *value;
}

Value strip(const std::string& text, std::string_view name, const Arguments& arguments, Limits& limits) {
    const Value* set = arguments.find(0, "chars");
    std::string_view result = text;
    if (set != nullptr && !set->is(Type::None)) {
        const std::string& characters = requireString(*set, "the characters to strip", limits);
        limits.spend(static_cast<int64_t>(text.size() * (1 + characters.size() / 64)));
        if (name != "rstrip")
            result = stripLeft(result, characters);
        if (name != "lstrip")
            result = stripRight(result, characters);
    } else {
        if (name != "rstrip")
            result = stripLeft(result);
        if (name != "lstrip")
            result = stripRight(result);
    }
    limits.allocate(result.size());
    return Value::string(std::string(result));
}

std::vector<std::string_view> splitAtSpace(std::string_view text, int64_t most) {
    std::vector<std::string_view> parts;
    for (text = stripLeft(text); !text.empty(); text = stripLeft(text)) {
        if (most >= 0 && static_cast<int64_t>(parts.size()) == most) {
            parts.push_back(text);
            break;
        }
        std::size_t end = 0;
        while (end < text.size()) {
            std::size_t next = end;
            if (isPythonSpace(nextCodePoint(text, next)))
                break;
            end = next;
        }
        parts.push_back(text.substr(0, end));
        text.remove_prefix(end);
    }
    return parts;
}

std::vector<std::string_view> splitAt(std::string_view text, std::string_view separator, int64_t most, bool fromRight) {
    std::vector<std::string_view> parts;
    while (most < 0 || static_cast<int64_t>(parts.size()) < most) {
        const std::size_t at = fromRight ? text.rfind(separator) : text.find(separator);
        if (at == std::string_view::npos)
            break;
        if (fromRight) {
            parts.push_back(text.substr(at + separator.size()));
            text = text.substr(0, at);
        } else {
            parts.push_back(text.substr(0, at));
            text.remove_prefix(at + separator.size());
        }
    }
    parts.push_back(text);
    if (fromRight)
        std::reverse(parts.begin(), parts.end());
    return parts;
}

Value split(const std::string& text, const Arguments& arguments, bool fromRight, Limits& limits) {
    const Value* separator = arguments.find(0, "sep");
    const Value* count = arguments.find(1, "maxsplit");
    const int64_t most = count == nullptr ? -1 : requireInteger(*count, "maxsplit", limits);
    limits.spend(static_cast<int64_t>(text.size() / 16));
    std::vector<std::string_view> parts;
    if (separator == nullptr || separator->is(Type::None)) {
        if (fromRight && most >= 0)
            unsupportedAt(limits.line, "rsplit at white space with a limit");
        parts = splitAtSpace(text, most);
    } else {
        const std::string& mark = requireString(*separator, "the separator", limits);
        if (mark.empty())
            limits.fault("empty separator");
        parts = splitAt(text, mark, most, fromRight);
    }
    limits.allocate(text.size() + parts.size() * 64);
    std::vector<Value> items;
    for (const std::string_view part : parts)
        items.push_back(Value::string(std::string(part)));
    return Value::list(std::move(items), limits);
}

Value splitLines(const std::string& text, Limits& limits) {
    limits.allocate(text.size() * 2);
    std::vector<Value> lines;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t at = i;
        const char32_t c = nextCodePoint(text, i);
        const bool breaks =
            (c >= 0x0A && c <= 0x0D) || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 || c == 0x2029;
        if (!breaks)
            continue;
        lines.push_back(Value::string(text.substr(begin, at - begin)));
        if (c == '\r' && i < text.size() && text[i] == '\n')
            ++i;
        begin = i;
    }
    if (begin < text.size())
        lines.push_back(Value::string(text.substr(begin)));
    return Value::list(std::move(lines), limits);
}

bool hasAffix(const std::string& text, const Value& affix, bool atStart, Limits& limits) {
    limits.spend();
    if (affix.is(Type::Tuple))
        return std::any_of(affix.items().begin(), affix.items().end(),
                           [&](const Value& one) { return hasAffix(text, one, atStart, limits); });
    const std::string& wanted = requireString(affix, "the affix", limits);
    return atStart ? text.starts_with(wanted) : text.ends_with(wanted);
}

int64_t countOf(const std::string& text, const std::string& what, Limits& limits) {
    limits.spend(static_cast<int64_t>(text.size() / 16));
    if (what.empty())
        return lengthOf(Value::string(text), limits) + 1;
    int64_t count = 0;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size()))
        ++count;
    return count;
}

Value findText(const std::string& text, const std::string& what, Limits& limits) {
    limits.spend(static_cast<int64_t>(text.size() / 16));
    const std::size_t at = text.find(what);
    return Value::integer(at == std::string::npos ? -1 : lengthOf(Value::string(text.substr(0, at)), limits));
}

Value callStringMethod(const Value& self, std::string_view name, const Arguments& arguments, Limits& limits) {
    const std::string& text = self.asString();
    limits.spend(static_cast<int64_t>(text.size() / 64));
    if (name == "strip" || name == "lstrip" || name == "rstrip")
        return strip(text, name, arguments, limits);
    if (name == "split" || name == "rsplit")
        return split(text, arguments, name == "rsplit", limits);
    if (name == "splitlines")
        return splitLines(text, limits);
    if (name == "startswith")
        return Value::boolean(hasAffix(text, required(arguments, 0, "prefix", limits), true, limits));
    if (name == "endswith")
        return Value::boolean(hasAffix(text, required(arguments, 0, "suffix", limits), false, limits));
    if (name == "replace")
        return replaceText(self, arguments, limits);
    if (name == "find")
        return findText(text, requireString(required(arguments, 0, "sub", limits), "the text to find", limits), limits);
    if (name == "count")
        return Value::integer(
            countOf(text, requireString(required(arguments, 0, "sub", limits), "the text to count", limits), limits));
    if (name == "join") {
        Arguments separator;
        separator.positional.push_back(self);
        return applyFilter("join", required(arguments, 0, "iterable", limits), separator, limits);
    }
    if (name == "isdigit")
        return Value::boolean(!text.empty() &&
                              std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }));
    limits.allocate(text.size() * 8);
    return Value::string(name == "upper"   ? toUpper(text)
                         : name == "lower" ? toLower(text)
                         : name == "title" ? toTitle(text)
                                           : capitalized(text));
}

Value callDictMethod(const Value& self, std::string_view name, const Arguments& arguments, Limits& limits) {
    if (name == "get") {
        const Value* entry = self.entries().find(required(arguments, 0, "key", limits), limits);
        const Value* standard = arguments.find(1, "default");
        return entry != nullptr ? *entry : standard != nullptr ? *standard : Value::none();
    }
    std::vector<Value> result;
    for (const auto& [key, value] : self.entries().entries)
        result.push_back(name == "keys" ? key : name == "values" ? value : Value::tuple({key, value}, limits));
    return Value::list(std::move(result), limits);
}

Value callListMethod(const Value& self, std::string_view name, const Arguments& arguments, Limits& limits) {
    const Value& wanted = required(arguments, 0, "value", limits);
    int64_t count = 0;
    for (std::size_t i = 0; i < self.items().size(); ++i) {
        if (!equal(self.items()[i], wanted, limits))
            continue;
        if (name == "index")
            return Value::integer(static_cast<int64_t>(i));
        ++count;
    }
    if (name == "index")
        limits.fault("the value is not in the list");
    return Value::integer(count);
}

template <typename Names>
bool among(const Names& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

} // namespace

Value replaceText(const Value& text, const Arguments& arguments, Limits& limits) {
    const std::string& what = requireString(required(arguments, 0, "old", limits), "the text to replace", limits);
    const std::string& with = requireString(required(arguments, 1, "new", limits), "the replacement", limits);
    const Value* count = arguments.find(2, "count");
    const int64_t most = count == nullptr || count->is(Type::None) ? -1 : requireInteger(*count, "count", limits);
    int64_t times = countOf(text.asString(), what, limits);
    if (most >= 0)
        times = std::min(times, most);
    std::size_t added = 0;
    if (__builtin_mul_overflow(static_cast<std::size_t>(times), with.size(), &added))
        added = SIZE_MAX / 2;
    limits.allocate(text.asString().size() + added);
    return Value::string(replaced(text.asString(), what, with, most));
}

bool hasMethod(Type type, std::string_view name) {
    switch (type) {
    case Type::String:
        return among(kStringMethods, name);
    case Type::Dict:
        return among(kDictMethods, name);
    case Type::List:
    case Type::Tuple:
        return among(kListMethods, name);
    default:
        return false;
    }
}

Value callMethod(const Value& self, std::string_view name, const Arguments& arguments, Limits& limits) {
    limits.spend();
    if (self.is(Type::String))
        return callStringMethod(self, name, arguments, limits);
    return self.is(Type::Dict) ? callDictMethod(self, name, arguments, limits)
                               : callListMethod(self, name, arguments, limits);
}

} // namespace lorikeet::jinja
