// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runs/store_connection.h"

#include <chrono>

#include "core/base/error.h"

namespace lorikeet {

StoreConnection::StoreConnection(std::filesystem::path file, StoreAccess access)
    : m_file(std::move(file)), m_access(access) {
    m_database = access == StoreAccess::ReadWrite ? openForWriting(m_file) : openForReading(m_file);
    if (m_database)
        return;
    m_database = emptyDatabase();
    m_isStandIn = true;
}

SQLite::Database& StoreConnection::current() {
    if (m_isStandIn)
        if (auto real = openForReading(m_file)) {
            m_database = std::move(real);
            m_isStandIn = false;
            ++m_changes;
        }
    return *m_database;
}

void StoreConnection::requireWritable() const {
    if (m_access == StoreAccess::ReadOnly)
        fail(ErrorCode::Io, "{}: the database is open for reading only", m_file.string());
}

StoreConnection::SyncedCommits::SyncedCommits(SQLite::Database& database)
    : m_database(database), m_before(database.execAndGet("PRAGMA synchronous").getInt64()) {
    database.exec("PRAGMA synchronous = FULL");
}

StoreConnection::SyncedCommits::~SyncedCommits() {
    m_database.tryExec(fmt::format("PRAGMA synchronous = {}", m_before).c_str());
}

int64_t StoreConnection::changeCount() {
    return read([&](SQLite::Database& database) {
        const int64_t version = database.execAndGet("PRAGMA data_version").getInt64();
        if (version != m_version)
            ++m_changes;
        m_version = version;
        return m_changes;
    });
}

UnixMilliseconds millisecondsNow() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

void bindFinite(SQLite::Statement& statement, int index, double value) {
    if (std::isfinite(value))
        statement.bind(index, value);
    else
        statement.bind(index);
}

double valueOrNan(const SQLite::Column& column) {
    return column.isNull() ? std::numeric_limits<double>::quiet_NaN() : column.getDouble();
}

void bindOptional(SQLite::Statement& statement, int index, const std::optional<int64_t>& value) {
    if (value)
        statement.bind(index, *value);
    else
        statement.bind(index);
}

void bindOptional(SQLite::Statement& statement, int index, const std::optional<std::string>& value) {
    if (value)
        statement.bind(index, *value);
    else
        statement.bind(index);
}

std::optional<int64_t> optionalInteger(const SQLite::Column& column) {
    return column.isNull() ? std::nullopt : std::optional(column.getInt64());
}

std::optional<double> optionalReal(const SQLite::Column& column) {
    return column.isNull() ? std::nullopt : std::optional(column.getDouble());
}

std::optional<std::string> optionalText(const SQLite::Column& column) {
    return column.isNull() ? std::nullopt : std::optional(column.getString());
}

} // namespace lorikeet
