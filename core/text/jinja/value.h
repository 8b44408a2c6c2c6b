// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/text/jinja/limits.h"

namespace lorikeet::jinja {

class Value;
class Function;

/// Python's kinds of value that templates meet.
enum class Type { Undefined, None, Boolean, Integer, Float, String, List, Tuple, Dict, Namespace, Function };

/// The type's name in messages, as Python says it.
std::string_view typeName(Type type);

struct Sequence;
struct Mapping;

/// A template's value: small, shared, immutable except for namespaces. One rendering, one thread.
class Value {
public:
    /// Undefined, with what to say where it is used.
    static Value undefined(std::string message);
    static Value none();
    static Value boolean(bool value);
    static Value integer(int64_t value);
    static Value real(double value);
    static Value string(std::string value);
    static Value list(std::vector<Value> items, Limits& limits);
    static Value tuple(std::vector<Value> items, Limits& limits);
    static Value mapping(std::shared_ptr<Mapping> value);
    static Value nameSpace(std::shared_ptr<Mapping> value);
    static Value function(std::shared_ptr<const Function> value);

    Value() : Value(none()) {}

    Type type() const { return m_type; }
    bool is(Type type) const { return m_type == type; }
    bool isNumber() const { return m_type == Type::Boolean || m_type == Type::Integer || m_type == Type::Float; }
    bool isSequence() const { return m_type == Type::List || m_type == Type::Tuple; }

    bool asBoolean() const { return asInteger() != 0; }
    int64_t asInteger() const { return std::get<int64_t>(m_data); } ///< Boolean too
    double asReal() const;                                          ///< every number
    const std::string& asString() const { return *std::get<std::shared_ptr<const std::string>>(m_data); }
    const std::vector<Value>& items() const; ///< of a list or tuple
    Mapping& entries() const;                ///< of a dict or namespace
    const Function& asFunction() const { return *std::get<std::shared_ptr<const Function>>(m_data); }
    const std::string& undefinedMessage() const { return asString(); }

    /// Levels of lists and dicts within it.
    int depth() const;

private:
    using Data =
        std::variant<std::monostate, int64_t, double, std::shared_ptr<const std::string>,
                     std::shared_ptr<const Sequence>, std::shared_ptr<Mapping>, std::shared_ptr<const Function>>;
    Value(Type type, Data data) : m_type(type), m_data(std::move(data)) {}

    Type m_type;
    Data m_data;
};

struct Sequence {
    std::vector<Value> items;
    int depth = 1;
};

/// A dict in order of insertion; keys are strings, numbers or none.
struct Mapping {
    std::vector<std::pair<Value, Value>> entries;
    int depth = 1;

    const Value* find(std::string_view key) const;
    const Value* find(const Value& key, Limits& limits) const;
    void set(const Value& key, Value value, Limits& limits);
};

/// Something to call: a macro, a method bound to its object, a global.
class Function {
public:
    struct Arguments {
        std::vector<Value> positional;
        std::vector<std::pair<std::string, Value>> named;

        const Value* findNamed(std::string_view name) const;
        /// By position or name; null where it is missing.
        const Value* find(std::size_t position, std::string_view name) const;
    };

    virtual ~Function() = default;
    virtual Value call(const Arguments& arguments, Limits& limits) const = 0;
    /// Levels of lists and dicts within what it is bound to.
    virtual int depth() const { return 0; }
};

bool truthy(const Value& value);
bool equal(const Value& left, const Value& right, Limits& limits);
/// Negative, 0, positive. Throws where Python cannot order the two.
int compare(const Value& left, const Value& right, Limits& limits);
/// `needle in haystack`.
bool contains(const Value& haystack, const Value& needle, Limits& limits);
/// What a loop runs over: items, keys, characters. Throws where Python cannot iterate.
std::vector<Value> iterate(const Value& value, Limits& limits);
/// Characters, items or entries. Throws where Python has no length.
int64_t lengthOf(const Value& value, Limits& limits);

/// str(): what printing shows.
std::string toText(const Value& value, Limits& limits);
/// json.dumps with ensure_ascii off; `indent` -1 for one line.
std::string toJson(const Value& value, int indent, Limits& limits);
/// A number as Python's repr writes it.
std::string realToText(double value);

} // namespace lorikeet::jinja
