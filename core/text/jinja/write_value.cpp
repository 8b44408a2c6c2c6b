// SPDX-License-Identifier: GPL-3.0-or-later
#include <charconv>
#include <cmath>

#include <nlohmann/json.hpp>

#include "core/text/jinja/value.h"
#include "core/text/utf8.h"

namespace lorikeet::jinja {

namespace {

/// Appends within the limits, as values that share parts can be far longer than they are large.
class Writer {
public:
    explicit Writer(Limits& limits) : m_limits(limits) {}

    void put(std::string_view text) {
        m_limits.allocate(text.size());
        m_limits.spend();
        m_text += text;
    }

    std::string take() { return std::move(m_text); }

private:
    Limits& m_limits;
    std::string m_text;
};

bool isPrintable(char32_t c) {
    return c >= 0x20 && c != 0x7F && !(c >= 0x80 && c < 0xA1) && c != 0xAD;
}

/// Python's repr of a string.
std::string quoted(const std::string& text) {
    const bool doubleQuotes = text.find('\'') != std::string::npos && text.find('"') == std::string::npos;
    const char quote = doubleQuotes ? '"' : '\'';
    std::string result(1, quote);
    for (std::size_t i = 0; i < text.size();) {
        const char32_t c = nextCodePoint(text, i);
        if (c == '\\' || c == static_cast<char32_t>(quote))
            result.append({'\\', static_cast<char>(c)});
        else if (c == '\n')
            result += "\\n";
        else if (c == '\t')
            result += "\\t";
        else if (c == '\r')
            result += "\\r";
        else if (!isPrintable(c))
            result += fmt::format("\\x{:02x}", static_cast<uint32_t>(c));
        else
            appendUtf8(result, c);
    }
    return result += quote;
}

std::string jsonString(const std::string& text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string scalarToText(const Value& value, Limits& limits) {
    switch (value.type()) {
    case Type::Undefined:
        return {};
    case Type::None:
        return "None";
    case Type::Boolean:
        return value.asBoolean() ? "True" : "False";
    case Type::Integer:
        return std::to_string(value.asInteger());
    case Type::Float:
        return realToText(value.asReal());
    default:
        limits.fault("a {} cannot be printed", typeName(value.type()));
    }
}

void writeRepr(const Value& value, Writer& writer, Limits& limits) {
    const Limits::Level level(limits);
    if (value.is(Type::String)) {
        writer.put(quoted(value.asString()));
    } else if (value.is(Type::Undefined)) {
        writer.put("Undefined");
    } else if (value.isSequence()) {
        const bool tuple = value.is(Type::Tuple);
        writer.put(tuple ? "(" : "[");
        bool first = true;
        for (const Value& item : value.items()) {
            if (!first)
                writer.put(", ");
            first = false;
            writeRepr(item, writer, limits);
        }
        writer.put(!tuple ? "]" : value.items().size() == 1 ? ",)" : ")");
    } else if (value.is(Type::Dict)) {
        writer.put("{");
        bool first = true;
        for (const auto& [key, item] : value.entries().entries) {
            if (!first)
                writer.put(", ");
            first = false;
            writeRepr(key, writer, limits);
            writer.put(": ");
            writeRepr(item, writer, limits);
        }
        writer.put("}");
    } else {
        writer.put(scalarToText(value, limits));
    }
}

class JsonWriter {
public:
    JsonWriter(int indent, Limits& limits) : m_writer(limits), m_limits(limits), m_indent(indent) {}

    void write(const Value& value, int depth) {
        const Limits::Level level(m_limits);
        switch (value.type()) {
        case Type::None:
            return m_writer.put("null");
        case Type::Boolean:
            return m_writer.put(value.asBoolean() ? "true" : "false");
        case Type::Integer:
            return m_writer.put(std::to_string(value.asInteger()));
        case Type::Float:
            return m_writer.put(jsonReal(value.asReal()));
        case Type::String:
            return m_writer.put(jsonString(value.asString()));
        case Type::List:
        case Type::Tuple:
            return writeItems('[', ']', value.items(), depth, [&](const Value& item) { write(item, depth + 1); });
        case Type::Dict:
            return writeItems('{', '}', value.entries().entries, depth, [&](const auto& entry) {
                m_writer.put(jsonString(keyText(entry.first)));
                m_writer.put(": ");
                write(entry.second, depth + 1);
            });
        default:
            m_limits.fault("a value of type {} cannot be written as JSON", typeName(value.type()));
        }
    }

    std::string take() { return m_writer.take(); }

private:
    static std::string jsonReal(double value) {
        if (std::isnan(value))
            return "NaN";
        if (std::isinf(value))
            return value > 0 ? "Infinity" : "-Infinity";
        return realToText(value);
    }

    std::string keyText(const Value& key) {
        if (key.is(Type::String))
            return key.asString();
        if (key.is(Type::None))
            return "null";
        if (key.is(Type::Boolean))
            return key.asBoolean() ? "true" : "false";
        return scalarToText(key, m_limits);
    }

    template <typename Items, typename WriteItem>
    void writeItems(char open, char close, const Items& items, int depth, WriteItem writeItem) {
        m_writer.put({&open, 1});
        bool first = true;
        for (const auto& item : items) {
            if (!first)
                m_writer.put(m_indent < 0 ? ", " : ",");
            first = false;
            breakLine(depth + 1);
            writeItem(item);
        }
        if (!first)
            breakLine(depth);
        m_writer.put({&close, 1});
    }

    void breakLine(int depth) {
        if (m_indent >= 0)
            m_writer.put("\n" + std::string(static_cast<std::size_t>(m_indent) * depth, ' '));
    }

    Writer m_writer;
    Limits& m_limits;
    int m_indent;
};

} // namespace

std::string realToText(double value) {
    if (std::isnan(value))
        return "nan";
    if (std::isinf(value))
        return value > 0 ? "inf" : "-inf";
    char buffer[512];
    const double magnitude = std::fabs(value);
    // Python's repr: plain digits for exponents from -4 to 15.
    const bool plain = value == 0 || (magnitude >= 1e-4 && magnitude < 1e16);
    const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
    std::string text(buffer, std::to_chars(buffer, buffer + sizeof buffer, value, format).ptr);
    if (plain && text.find('.') == std::string::npos)
        text += ".0";
    return text;
}

std::string toText(const Value& value, Limits& limits) {
    if (value.is(Type::String))
        return value.asString();
    if (!value.isSequence() && !value.is(Type::Dict))
        return scalarToText(value, limits);
    Writer writer(limits);
    writeRepr(value, writer, limits);
    return writer.take();
}

std::string toJson(const Value& value, int indent, Limits& limits) {
    JsonWriter writer(indent, limits);
    writer.write(value, 0);
    return writer.take();
}

} // namespace lorikeet::jinja
