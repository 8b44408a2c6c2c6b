// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>

namespace SQLite {
class Database;
}

namespace lorikeet {

/// The statements that lead from each version of the schema to the next: migrations[v] from version v to v + 1. What
/// has been released is never changed, only added to.
std::span<const char* const> runSchemaMigrations();

/// Brings the database to version migrations.size() (kept in user_version) in one transaction, or leaves it untouched:
/// throws NotBuilt where it is newer, BadFile where it is another program's. `name` is for messages.
void migrate(SQLite::Database& database, std::span<const char* const> migrations, const std::string& name);

/// The checks of migrate() alone, which change nothing.
void requireKnownSchema(SQLite::Database& database, std::span<const char* const> migrations, const std::string& name);

/// The same for reading only: throws Io, too, where the database is older than this version. False where it is empty.
bool requireCurrentSchema(SQLite::Database& database, std::span<const char* const> migrations, const std::string& name);

} // namespace lorikeet
