// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/json_fields.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"

namespace lorikeet {

using nlohmann::json;

JsonFields::JsonFields(const json& object, std::string place) : m_object(&object), m_place(std::move(place)) {
    if (!object.is_object())
        fail(ErrorCode::BadFile, "{}: expected an object, found {}", m_place, object.type_name());
}

bool JsonFields::has(const char* key) const {
    const auto place = m_object->find(key);
    return place != m_object->end() && !place->is_null();
}

const json& JsonFields::at(const char* key) const {
    const auto place = m_object->find(key);
    if (place == m_object->end())
        fail(ErrorCode::BadFile, "{}: no key '{}'", m_place, key);
    return *place;
}

std::string JsonFields::string(const char* key) const {
    const json& value = at(key);
    if (!value.is_string())
        fail(ErrorCode::BadFile, "{}: '{}' is {}, expected a string", m_place, key, value.type_name());
    return value.get<std::string>();
}

bool JsonFields::boolean(const char* key, bool fallback) const {
    if (!has(key))
        return fallback;
    const json& value = at(key);
    if (!value.is_boolean())
        fail(ErrorCode::BadFile, "{}: '{}' is {}, expected true or false", m_place, key, value.type_name());
    return value.get<bool>();
}

int64_t JsonFields::integer(const char* key) const {
    const json& value = at(key);
    if (!value.is_number_integer() || (value.is_number_unsigned() && value.get<uint64_t>() > uint64_t(INT64_MAX)))
        fail(ErrorCode::BadFile, "{}: '{}' is not a whole number", m_place, key);
    return value.get<int64_t>();
}

const json& JsonFields::array(const char* key) const {
    const json& value = at(key);
    if (!value.is_array())
        fail(ErrorCode::BadFile, "{}: '{}' is {}, expected a list", m_place, key, value.type_name());
    return value;
}

JsonFields JsonFields::object(const char* key) const {
    return {at(key), m_place + ": " + key};
}

json parseJson(std::string_view text, std::string_view origin) {
    try {
        return json::parse(text);
    } catch (const json::exception& error) {
        // The library's own message can quote any amount of the text.
        const auto* parseError = dynamic_cast<const json::parse_error*>(&error);
        fail(ErrorCode::BadFile, "{}: not valid JSON at byte {} of {}", origin, parseError ? parseError->byte : 0,
             text.size());
    }
}

} // namespace lorikeet
