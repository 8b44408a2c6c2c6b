// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/base/error.h"

namespace lorikeet {

/// Parses JSON in which no object has a key twice and nothing nests deeper than 32. Throws BadConfig.
nlohmann::json parseStrictJson(std::string_view text, std::string_view source);

/// Writes the value of "dotted.key=value" into `root`, making objects on the way. Throws BadConfig.
void applyOverride(nlohmann::json& root, std::string_view assignment);

/// The word of `words` that is the fewest edits away from `word`; empty where none is near.
std::string nearestWord(std::string_view word, std::span<const std::string> words);

/// The numbers that a key may have.
struct Interval {
    double low;
    double high = INFINITY;
    bool lowOpen = false;
    bool highOpen = true;

    bool contains(double value) const;
    std::string text() const; ///< "above 0", "in [0, 1)", "at least 1"
};

/// Reads the keys of one JSON object. Each getter gives the value, or the default where the key is absent, and
/// throws BadConfig naming source, key, value and what is allowed. finish() refuses the keys that nobody asked for.
class ObjectReader {
public:
    /// `object` must outlive the reader. `path` is the dotted path of the object, empty for the root.
    ObjectReader(const nlohmann::json& object, std::string path, std::string_view source);

    bool has(std::string_view key) const { return m_object.contains(key); }
    bool boolean(std::string_view key, bool byDefault);
    int64_t integer(std::string_view key, int64_t byDefault, Interval allowed);
    double number(std::string_view key, double byDefault, Interval allowed);
    std::string text(std::string_view key, std::string_view byDefault);
    std::string requiredText(std::string_view key);
    /// Null stands for absent (an empty text).
    std::string nullableText(std::string_view key);
    std::optional<int64_t> nullableInteger(std::string_view key, std::optional<int64_t> byDefault, Interval allowed);
    std::optional<double> nullableNumber(std::string_view key, Interval allowed);
    std::vector<std::string> texts(std::string_view key);

    template <typename Value, std::size_t count>
    Value choice(std::string_view key, Value byDefault, const std::pair<std::string_view, Value> (&words)[count]) {
        const nlohmann::json* value = find(key);
        if (value == nullptr)
            return byDefault;
        std::string allowed;
        for (const auto& [word, meaning] : words) {
            if (value->is_string() && value->get_ref<const std::string&>() == word)
                return meaning;
            allowed += (allowed.empty() ? "" : ", ") + std::string(word);
        }
        refuse(key, "one of " + allowed);
    }

    /// Notes the key as known; nullptr where it is absent.
    const nlohmann::json* find(std::string_view key);
    /// The object under `key`; an absent one is empty.
    ObjectReader object(std::string_view key);
    /// "source: path.key is VALUE; allowed is ..."
    [[noreturn]] void refuse(std::string_view key, std::string_view allowed) const;
    void finish() const;

    const nlohmann::json& json() const { return m_object; }
    std::string pathOf(std::string_view key) const;

private:
    const nlohmann::json& m_object;
    std::string m_path;
    std::string m_source;
    std::vector<std::string> m_known;
};

} // namespace lorikeet
