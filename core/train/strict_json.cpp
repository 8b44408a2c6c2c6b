// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/strict_json.h"

#include <algorithm>
#include <numeric>
#include <set>

namespace lorikeet {
namespace {

constexpr int kDeepestNesting = 32;
constexpr std::size_t kLongestQuotation = 80;
const nlohmann::json kEmptyObject = nlohmann::json::object();

std::string quotation(const nlohmann::json& value) {
    std::string text = value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
    if (text.size() > kLongestQuotation)
        text = text.substr(0, kLongestQuotation) + "...";
    return text;
}

/// Levenshtein's distance.
std::size_t editDistance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t(0));
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({substituted, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row[b.size()];
}

} // namespace

nlohmann::json parseStrictJson(std::string_view text, std::string_view source) {
    std::vector<std::set<std::string>> keys;
    const auto watch = [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json& value) {
        using Event = nlohmann::json::parse_event_t;
        if (depth > kDeepestNesting)
            fail(ErrorCode::BadConfig, "{}: nested deeper than {} levels", source, kDeepestNesting);
        if (event == Event::object_start)
            keys.emplace_back();
        else if (event == Event::object_end)
            keys.pop_back();
        else if (event == Event::key && !keys.back().insert(value.get<std::string>()).second)
            fail(ErrorCode::BadConfig, "{}: the key {} stands twice in one object", source, quotation(value));
        return true;
    };
    try {
        return nlohmann::json::parse(text.begin(), text.end(), watch);
    } catch (const nlohmann::json::exception& error) {
        const std::string_view reason = error.what(); // "[name of the exception] what is wrong, with line and column"
        fail(ErrorCode::BadConfig, "{}: not valid JSON: {}", source, reason.substr(reason.find("] ") + 2));
    }
}

void applyOverride(nlohmann::json& root, std::string_view assignment) {
    const std::size_t equals = assignment.find('=');
    if (equals == std::string_view::npos || equals == 0)
        fail(ErrorCode::BadConfig, "override \"{}\": expected key=value, such as training.max_steps=50", assignment);
    std::string_view keys = assignment.substr(0, equals);
    const std::string value(assignment.substr(equals + 1));

    nlohmann::json* place = &root;
    while (true) {
        const std::size_t dot = keys.find('.');
        const std::string key(keys.substr(0, dot));
        if (key.empty())
            fail(ErrorCode::BadConfig, "override \"{}\": a key is empty", assignment);
        if (!place->is_object())
            fail(ErrorCode::BadConfig, "override \"{}\": what stands before .{} is not an object", assignment, key);
        const bool last = dot == std::string_view::npos;
        if (!last && !place->contains(key))
            (*place)[key] = nlohmann::json::object();
        place = &(*place)[key];
        if (last)
            break;
        keys.remove_prefix(dot + 1);
    }
    if (nlohmann::json::accept(value))
        *place = parseStrictJson(value, assignment);
    else
        *place = value;
}

std::string nearestWord(std::string_view word, std::span<const std::string> words) {
    std::string nearest;
    std::size_t fewest = std::max<std::size_t>(2, word.size() / 2) + 1;
    for (const std::string& candidate : words) {
        const std::size_t edits = editDistance(word, candidate);
        if (edits < fewest) {
            fewest = edits;
            nearest = candidate;
        }
    }
    return nearest;
}

bool Interval::contains(double value) const {
    return (lowOpen ? value > low : value >= low) && (highOpen ? value < high : value <= high);
}

std::string Interval::text() const {
    if (std::isinf(high))
        return fmt::format("{} {:g}", lowOpen ? "above" : "of at least", low);
    return fmt::format("in {}{:.10g}, {:.10g}{}", lowOpen ? '(' : '[', low, high, highOpen ? ')' : ']');
}

ObjectReader::ObjectReader(const nlohmann::json& object, std::string path, std::string_view source)
    : m_object(object), m_path(std::move(path)), m_source(source) {
    if (!m_object.is_object())
        fail(ErrorCode::BadConfig, "{}: {} is {}; an object is allowed", m_source,
             m_path.empty() ? "the content" : m_path, quotation(m_object));
}

std::string ObjectReader::pathOf(std::string_view key) const {
    return m_path.empty() ? std::string(key) : fmt::format("{}.{}", m_path, key);
}

void ObjectReader::refuse(std::string_view key, std::string_view allowed) const {
    fail(ErrorCode::BadConfig, "{}: {} is {}; allowed is {}", m_source, pathOf(key),
         m_object.contains(key) ? quotation(m_object.at(std::string(key))) : "missing", allowed);
}

const nlohmann::json* ObjectReader::find(std::string_view key) {
    m_known.emplace_back(key);
    const auto found = m_object.find(key);
    return found == m_object.end() ? nullptr : &*found;
}

ObjectReader ObjectReader::object(std::string_view key) {
    const nlohmann::json* value = find(key);
    return ObjectReader(value == nullptr ? kEmptyObject : *value, pathOf(key), m_source);
}

bool ObjectReader::boolean(std::string_view key, bool byDefault) {
    const nlohmann::json* value = find(key);
    if (value == nullptr)
        return byDefault;
    if (!value->is_boolean())
        refuse(key, "true or false");
    return value->get<bool>();
}

int64_t ObjectReader::integer(std::string_view key, int64_t byDefault, Interval allowed) {
    const nlohmann::json* value = find(key);
    if (value == nullptr)
        return byDefault;
    const bool fits = value->is_number_integer() &&
                      !(value->is_number_unsigned() && value->get<uint64_t>() > uint64_t(INT64_MAX)) &&
                      allowed.contains(double(value->get<int64_t>()));
    if (!fits)
        refuse(key, "a whole number " + allowed.text());
    return value->get<int64_t>();
}

double ObjectReader::number(std::string_view key, double byDefault, Interval allowed) {
    const nlohmann::json* value = find(key);
    if (value == nullptr)
        return byDefault;
    if (!value->is_number() || !allowed.contains(value->get<double>()))
        refuse(key, "a number " + allowed.text());
    return value->get<double>();
}

std::string ObjectReader::text(std::string_view key, std::string_view byDefault) {
    const nlohmann::json* value = find(key);
    if (value == nullptr)
        return std::string(byDefault);
    if (!value->is_string())
        refuse(key, "a string");
    return value->get<std::string>();
}

std::string ObjectReader::requiredText(std::string_view key) {
    const std::string value = text(key, "");
    if (value.empty())
        refuse(key, "a string that is not empty (required)");
    return value;
}

std::string ObjectReader::nullableText(std::string_view key) {
    const nlohmann::json* value = find(key);
    if (value == nullptr || value->is_null())
        return {};
    if (!value->is_string() || value->get_ref<const std::string&>().empty())
        refuse(key, "a string that is not empty, or null");
    return value->get<std::string>();
}

std::optional<int64_t> ObjectReader::nullableInteger(std::string_view key, std::optional<int64_t> byDefault,
                                                     Interval allowed) {
    const nlohmann::json* value = find(key);
    if (value == nullptr)
        return byDefault;
    if (value->is_null())
        return std::nullopt;
    return integer(key, 0, allowed);
}

std::optional<double> ObjectReader::nullableNumber(std::string_view key, Interval allowed) {
    const nlohmann::json* value = find(key);
    if (value == nullptr || value->is_null())
        return std::nullopt;
    return number(key, 0.0, allowed);
}

std::vector<std::string> ObjectReader::texts(std::string_view key) {
    const nlohmann::json* value = find(key);
    if (value == nullptr)
        return {};
    const auto isText = [](const nlohmann::json& item) {
        return item.is_string() && !item.get_ref<const std::string&>().empty();
    };
    if (!value->is_array() || !std::all_of(value->begin(), value->end(), isText))
        refuse(key, "a list of strings that are not empty");
    return value->get<std::vector<std::string>>();
}

void ObjectReader::finish() const {
    for (const auto& item : m_object.items()) {
        if (std::find(m_known.begin(), m_known.end(), item.key()) != m_known.end())
            continue;
        const std::string nearest = nearestWord(item.key(), m_known);
        std::set<std::string> allowed(m_known.begin(), m_known.end());
        fail(ErrorCode::BadConfig, "{}: unknown key {}{}; {} may have: {}", m_source, quotation(pathOf(item.key())),
             nearest.empty() ? "" : fmt::format(" (did you mean {}?)", nearest), m_path.empty() ? "a run file" : m_path,
             fmt::join(allowed, ", "));
    }
}

} // namespace lorikeet
