// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runs/schema.h"

#include <cstdint>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Transaction.h>

#include "core/base/error.h"

namespace lorikeet {

namespace {

// "Lori" in ASCII: marks the file as ours, whatever its name.
constexpr int64_t kApplicationId = 0x4c6f7269;

int64_t pragma(SQLite::Database& database, const char* name) {
    return database.execAndGet(std::string("PRAGMA ") + name).getInt64();
}

/// The version, after the checks that hold for reading and writing alike. Needs a transaction: another process may be
/// creating the database, and what is read here has to be of one moment.
int64_t checkedVersion(SQLite::Database& database, int64_t known, const std::string& name) {
    const int64_t version = pragma(database, "user_version");
    const int64_t application = pragma(database, "application_id");
    const bool empty = database.execAndGet("SELECT count(*) FROM sqlite_master").getInt64() == 0;
    if (application != kApplicationId && !(application == 0 && version == 0 && empty))
        fail(ErrorCode::BadFile, "{}: this is a database of another program (application id {})", name, application);
    if (version > known)
        fail(ErrorCode::NotBuilt,
             "{}: a newer Lorikeet wrote this database (schema {}, this version knows {}); nothing was changed", name,
             version, known);
    return version;
}

int64_t checkedVersionNow(SQLite::Database& database, int64_t known, const std::string& name) {
    const SQLite::Transaction moment(database);
    return checkedVersion(database, known, name);
}

} // namespace

void migrate(SQLite::Database& database, std::span<const char* const> migrations, const std::string& name) {
    const auto known = int64_t(migrations.size());
    if (checkedVersionNow(database, known, name) == known)
        return;
    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
    // Asked again under the lock: another process may have migrated meanwhile.
    for (int64_t version = checkedVersion(database, known, name); version < known; ++version)
        database.exec(migrations[std::size_t(version)]);
    database.exec("PRAGMA application_id = " + std::to_string(kApplicationId));
    database.exec("PRAGMA user_version = " + std::to_string(known));
    transaction.commit();
}

void requireKnownSchema(SQLite::Database& database, std::span<const char* const> migrations, const std::string& name) {
    checkedVersionNow(database, int64_t(migrations.size()), name);
}

bool requireCurrentSchema(SQLite::Database& database, std::span<const char* const> migrations,
                          const std::string& name) {
    const auto known = int64_t(migrations.size());
    const int64_t version = checkedVersionNow(database, known, name);
    if (version == 0)
        return false;
    if (version < known)
        fail(ErrorCode::Io, "{}: an older Lorikeet wrote this database (schema {}, now {}); open it for writing once",
             name, version, known);
    return true;
}

} // namespace lorikeet
