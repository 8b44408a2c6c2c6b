// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/json_text.h"

#include <algorithm>
#include <memory>

#include <nlohmann/json.hpp>
#include <simdjson.h>

#include "core/base/error.h"

namespace lorikeet {

namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

bool isSpace(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// The string, checked: escapes such as \udc00 can stand for half a character, which UTF-8 cannot hold.
std::string checkedString(std::string_view text) {
    if (!simdjson::validate_utf8(text.data(), text.size()))
        fail(ErrorCode::BadFile, "a \\u escape is half of a surrogate pair");
    return std::string(text);
}

Row toRow(element value) {
    switch (value.type()) {
    case element_type::OBJECT: {
        Row object = Row::object();
        for (const auto [key, member] : simdjson::dom::object(value))
            object[checkedString(key)] = toRow(member);
        return object;
    }
    case element_type::ARRAY: {
        Row array = Row::array();
        for (const element member : simdjson::dom::array(value))
            array.push_back(toRow(member));
        return array;
    }
    case element_type::STRING:
        return checkedString(std::string_view(value));
    case element_type::INT64:
        return int64_t(value);
    case element_type::UINT64:
        return uint64_t(value);
    case element_type::DOUBLE:
        return double(value);
    case element_type::BOOL:
        return bool(value);
    case element_type::NULL_VALUE:
        break;
    }
    return nullptr;
}

std::string_view describe(simdjson::error_code error) {
    switch (error) {
    case simdjson::DEPTH_ERROR:
        return "its values are nested too deeply";
    case simdjson::UTF8_ERROR:
        return "it is not UTF-8";
    case simdjson::STRING_ERROR:
        return "malformed JSON: a string has a wrong escape";
    case simdjson::UNCLOSED_STRING:
        return "malformed JSON: a string is not closed";
    case simdjson::UNESCAPED_CHARS:
        return "malformed JSON: a string holds a control character, such as NUL or a line break";
    case simdjson::NUMBER_ERROR:
        return "malformed JSON: a number cannot be read, or is too large";
    case simdjson::EMPTY:
        return "there is no JSON value";
    default:
        return "malformed JSON: brackets, commas or quotes do not match, or a value is none that JSON has (NaN, for "
               "one)";
    }
}

/// Past the closing quote of the string that opens at `begin`.
std::size_t endOfString(std::string_view text, std::size_t begin) {
    for (std::size_t i = begin + 1; i < text.size(); ++i) {
        if (text[i] == '\\')
            ++i;
        else if (text[i] == '"')
            return i + 1;
    }
    return std::string_view::npos;
}

} // namespace

Row parseJsonObject(std::string_view text) {
    simdjson::dom::parser parser;
    simdjson::error_code error = parser.allocate(std::max<std::size_t>(text.size(), 64), kDeepestJson);
    element root;
    // The parser copies the text to where it may read a little past its end.
    if (!error)
        error = parser.parse(text.data(), text.size(), true).get(root);
    if (error == simdjson::MEMALLOC)
        fail(ErrorCode::OutOfMemory, "JSON: no memory for a row of {} bytes", text.size());
    if (error)
        fail(ErrorCode::BadFile, "{}", describe(error));
    if (!root.is_object())
        fail(ErrorCode::BadFile, "a row must be an object with named columns, this one is {}", jsonKind(toRow(root)));
    return toRow(root);
}

std::size_t skipJsonSpace(std::string_view text, std::size_t from) {
    while (from < text.size() && isSpace(text[from]))
        ++from;
    return from;
}

std::size_t endOfJsonValue(std::string_view text, std::size_t begin) {
    std::size_t depth = 0;
    for (std::size_t i = begin; i < text.size();) {
        const char c = text[i];
        if (c == '"') {
            i = endOfString(text, i);
            if (i == std::string_view::npos || depth == 0)
                return i;
        } else if (c == '{' || c == '[') {
            ++depth, ++i;
        } else if (c == '}' || c == ']') {
            if (depth <= 1)
                return depth == 0 ? i : i + 1;
            --depth, ++i;
        } else if (depth == 0 && (c == ',' || isSpace(c))) {
            return i;
        } else {
            ++i;
        }
    }
    return depth == 0 ? text.size() : std::string_view::npos;
}

std::string jsonKind(const Row& value) {
    switch (value.type()) {
    case Row::value_t::null:
        return "null";
    case Row::value_t::object:
        return "an object";
    case Row::value_t::array:
        return "a list";
    case Row::value_t::string:
        return "text";
    case Row::value_t::boolean:
        return "true or false";
    default:
        return "a number";
    }
}

} // namespace lorikeet
