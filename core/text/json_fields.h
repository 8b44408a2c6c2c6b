// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace lorikeet {

/// Typed access to an object of a JSON file. Every accessor throws BadFile naming the place where the key is missing or
/// of another type. Points into the document, which must outlive it.
class JsonFields {
public:
    /// `place` is the file and path, e.g. "model/tokenizer.json: normalizer".
    JsonFields(const nlohmann::json& object, std::string place);

    const std::string& place() const { return m_place; }
    /// Present and not null.
    bool has(const char* key) const;
    const nlohmann::json& at(const char* key) const;

    std::string string(const char* key) const;
    bool boolean(const char* key, bool fallback) const;
    int64_t integer(const char* key) const;
    const nlohmann::json& array(const char* key) const;
    JsonFields object(const char* key) const;

private:
    const nlohmann::json* m_object;
    std::string m_place;
};

/// Parses a whole file's text. Throws BadFile naming `origin` and what the parser found.
nlohmann::json parseJson(std::string_view text, std::string_view origin);

} // namespace lorikeet
