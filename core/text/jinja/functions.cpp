// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/jinja/functions.h"

#include "core/text/jinja/operations.h"
#include "core/text/utf8.h"

namespace lorikeet::jinja {

namespace {

/// As in Jinja's sandbox.
constexpr int64_t kLongestRange = 100'000;

class Native : public Function {
public:
    explicit Native(std::function<Value(const Arguments&, Limits&)> body) : m_body(std::move(body)) {}
    Value call(const Arguments& arguments, Limits& limits) const override { return m_body(arguments, limits); }

private:
    std::function<Value(const Arguments&, Limits&)> m_body;
};

Value range(const Function::Arguments& arguments, Limits& limits) {
    const auto& given = arguments.positional;
    if (given.empty() || given.size() > 3)
        limits.fault("range of {} arguments", given.size());
    std::vector<int64_t> bounds;
    for (const Value& bound : given)
        bounds.push_back(requireInteger(bound, "a bound of range", limits));
    const int64_t begin = bounds.size() > 1 ? bounds[0] : 0, end = bounds.size() > 1 ? bounds[1] : bounds[0];
    const int64_t step = bounds.size() > 2 ? bounds[2] : 1;
    if (step == 0)
        limits.fault("range with a step of 0");
    std::vector<Value> items;
    for (int64_t i = begin; step > 0 ? i < end : i > end;) {
        if (static_cast<int64_t>(items.size()) >= kLongestRange)
            limits.fault("range of more than {} numbers", kLongestRange);
        items.push_back(Value::integer(i));
        if (__builtin_add_overflow(i, step, &i))
            break;
    }
    return Value::list(std::move(items), limits);
}

Value raise(const Function::Arguments& arguments, Limits& limits) {
    const Value* message = arguments.find(0, "message");
    const std::string text = message == nullptr ? "no message" : toText(*message, limits);
    fail(ErrorCode::BadConfig, "the chat template refuses these messages: {}", text.substr(0, 2000));
}

Value timeText(WallTime moment, const Function::Arguments& arguments, Limits& limits) {
    const Value* format = arguments.find(0, "format");
    if (format == nullptr)
        limits.fault("strftime_now without a format");
    const std::string& text = requireString(*format, "the format", limits);
    return Value::string(replaceInvalidUtf8(wallTimeText(moment, text)));
}

} // namespace

Value makeFunction(std::function<Value(const Function::Arguments&, Limits&)> body) {
    return Value::function(std::make_shared<const Native>(std::move(body)));
}

std::vector<std::pair<std::string, Value>> globalFunctions(WallTime moment) {
    return {{"range", makeFunction(range)},
            {"raise_exception", makeFunction(raise)},
            {"strftime_now", makeFunction([moment](const Function::Arguments& arguments, Limits& limits) {
                 return timeText(moment, arguments, limits);
             })},
            {"dict", makeFunction([](const Function::Arguments& arguments, Limits& limits) {
                 auto result = std::make_shared<Mapping>();
                 fillMapping(*result, arguments, limits);
                 return Value::mapping(std::move(result));
             })}};
}

void fillMapping(Mapping& mapping, const Function::Arguments& arguments, Limits& limits) {
    for (const Value& given : arguments.positional) {
        if (!given.is(Type::Dict))
            limits.fault("expected a dict, found '{}'", typeName(given.type()));
        for (const auto& [key, value] : given.entries().entries)
            mapping.set(key, value, limits);
    }
    for (const auto& [name, value] : arguments.named)
        mapping.set(Value::string(name), value, limits);
}

} // namespace lorikeet::jinja
