// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/row_format.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/data/format_roles.h"

namespace lorikeet {

namespace {

constexpr int64_t kRowsLookedAt = 20;

std::string columnList(const Row& columns) {
    std::string list;
    for (const auto& [name, value] : columns.items())
        list += (list.empty() ? "" : ", ") + name.substr(0, 64);
    return list.substr(0, 1000);
}

/// Whether the value can play the role of a conversation in this format: a list of objects with the format's keys.
bool isConversation(const Row& value, RowFormat format) {
    if (!value.is_array() || value.empty() || !value[0].is_object())
        return false;
    return format == RowFormat::Messages ? value[0].contains("role") : value[0].contains("from");
}

/// The column for the role: the one asked for, else one of a usual name; none where neither is there, or none is
/// asked for.
std::optional<std::string> columnFor(const Role& role, RowFormat format, const DataConfig& config, const Row& columns) {
    if (const auto asked = config.columns.find(std::string(role.name)); asked != config.columns.end()) {
        if (asked->second.empty())
            return std::nullopt;
        if (!columns.contains(asked->second))
            fail(ErrorCode::BadConfig, "data.columns.{}: there is no column '{}'; the columns are: {}", role.name,
                 asked->second, columnList(columns));
        return asked->second;
    }
    for (const std::string_view usual : role.usualColumns) {
        const auto found = columns.find(std::string(usual));
        if (found != columns.end() && (!role.isConversation || isConversation(*found, format)))
            return std::string(usual);
    }
    return std::nullopt;
}

bool belongs(const std::string& role, std::span<const Role> roles) {
    return std::any_of(roles.begin(), roles.end(), [&](const Role& own) { return own.name == role; });
}

/// The mapping of this format, or none where a column that it needs is missing.
std::optional<ColumnMapping> mapTo(RowFormat format, const DataConfig& config, const Row& columns) {
    ColumnMapping mapping{format, {}};
    for (const Role& role : rolesOf(format)) {
        if (const auto column = columnFor(role, format, config, columns))
            mapping.columns[std::string(role.name)] = *column;
        else if (role.required)
            return std::nullopt;
    }
    return mapping;
}

std::string requiredRoles(RowFormat format) {
    std::string list;
    for (const Role& role : rolesOf(format))
        if (role.required)
            list += (list.empty() ? "" : ", ") + std::string(role.name);
    return list;
}

ColumnMapping mapToAskedFormat(const RowReader& rows, const DataConfig& config, const Row& columns) {
    for (const auto& [role, column] : config.columns)
        if (!belongs(role, rolesOf(config.format)))
            fail(ErrorCode::BadConfig, "data.columns.{}: the format {} has no such role", role,
                 formatWord(config.format));
    if (const auto mapping = mapTo(config.format, config, columns))
        return *mapping;
    fail(ErrorCode::BadFile,
         "{}: the format {} needs columns for: {}; the columns are: {}. data.columns says which is which",
         rows.path().filename().string(), formatWord(config.format), requiredRoles(config.format), columnList(columns));
}

} // namespace

Row firstValues(const RowReader& rows) {
    Row columns = Row::object();
    for (int64_t i = 0; i < std::min(rows.rowCount(), kRowsLookedAt); ++i) {
        const Row row = rows.row(i);
        for (const auto& [name, value] : row.items())
            if (!columns.contains(name) || columns[name].empty())
                columns[name] = value;
    }
    return columns;
}

ColumnMapping detectFormat(const RowReader& rows, const DataConfig& config) {
    const Row columns = firstValues(rows);
    if (config.format != RowFormat::Auto)
        return mapToAskedFormat(rows, config, columns);
    // The most telling first: many conversations also come with a "text" or "prompt" beside them.
    for (const RowFormat format :
         {RowFormat::Messages, RowFormat::ShareGpt, RowFormat::Alpaca, RowFormat::PromptCompletion, RowFormat::Text}) {
        const bool allBelong = std::all_of(config.columns.begin(), config.columns.end(),
                                           [&](const auto& entry) { return belongs(entry.first, rolesOf(format)); });
        if (!allBelong)
            continue;
        if (const auto mapping = mapTo(format, config, columns))
            return *mapping;
    }
    fail(ErrorCode::BadFile,
         "{}: no known format fits the columns: {}. Known are text; prompt and completion; instruction, input and "
         "output; messages (role, content); conversations (from, value). data.columns says which column is which",
         rows.path().filename().string(), columnList(columns));
}

} // namespace lorikeet
