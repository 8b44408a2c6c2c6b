// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/base/error.h"

namespace lorikeet {

/// Counts up to here can be added to without overflow, and are exact as double.
inline constexpr int64_t kLargestCount = int64_t(1) << 53;

// Reading the values of a checkpoint's state.json, which may hold anything: readValue() throws BadFile, naming key and
// value, for a number that is negative as a count, too large or not finite, and nlohmann::json::exception where the key
// is missing or of a wrong type.

inline int64_t countIn(const nlohmann::json& object, const char* key, int64_t most = kLargestCount) {
    const nlohmann::json& value = object.at(key);
    if (!value.is_number_integer() || (value.is_number_unsigned() && value.get<uint64_t>() > uint64_t(most)) ||
        value.get<int64_t>() < 0 || value.get<int64_t>() > most)
        fail(ErrorCode::BadFile, "{} is {}, and not a whole number from 0 to {}", key, value.dump().substr(0, 80),
             most);
    return value.get<int64_t>();
}

inline void readValue(const nlohmann::json& object, const char* key, int64_t& value) {
    value = countIn(object, key);
}

inline void readValue(const nlohmann::json& object, const char* key, bool& value) {
    value = object.at(key).get<bool>();
}

inline void requireFinite(const char* key, double value) {
    if (!std::isfinite(value))
        fail(ErrorCode::BadFile, "{} is {}, and not a finite number", key, value);
}

inline void readValue(const nlohmann::json& object, const char* key, double& value) {
    value = object.at(key).get<double>();
    requireFinite(key, value);
}

inline void readValue(const nlohmann::json& object, const char* key, std::optional<double>& value) {
    value.reset();
    if (!object.at(key).is_null())
        readValue(object, key, value.emplace());
}

inline void readValue(const nlohmann::json& object, const char* key, std::vector<double>& values) {
    values = object.at(key).get<std::vector<double>>();
    for (const double value : values)
        requireFinite(key, value);
}

} // namespace lorikeet
