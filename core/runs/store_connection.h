// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <mutex>

#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>

#include "core/runs/database.h"
#include "core/runs/run_record.h"
#include "core/runs/store_access.h"

namespace lorikeet {

/// A store's connection to the database. Any thread may call: a mutex serialises the calls.
class StoreConnection {
public:
    StoreConnection(std::filesystem::path file, StoreAccess access);

    /// Calls body(database) alone, with SQLite's exceptions turned into Errors.
    template <typename Body>
    auto read(Body&& body) {
        const std::lock_guard lock(m_mutex);
        return withErrors(m_file, [&] { return body(current()); });
    }

    /// The same within one read transaction: everything that the body reads is of one moment.
    template <typename Body>
    auto readAtOnce(Body&& body) {
        return read([&](SQLite::Database& database) {
            const SQLite::Transaction moment(database);
            return body(database);
        });
    }

    /// The same within one transaction, which is undone where the body throws. Taking the write lock at once, rather
    /// than at the first write, lets SQLite wait for others instead of failing.
    template <typename Body>
    void write(Body&& body) {
        read([&](SQLite::Database& database) {
            requireWritable();
            transact(database, body);
        });
    }

    /// The same, and all that was written so far is on the disk when it returns; other writes may be lost with the
    /// power, the latest first.
    template <typename Body>
    void writeDurably(Body&& body) {
        read([&](SQLite::Database& database) {
            requireWritable();
            const SyncedCommits synced(database);
            transact(database, body);
        });
    }

    /// As RunStore::changeCount.
    int64_t changeCount();

private:
    /// While it lives, commits wait for the disk.
    class SyncedCommits {
    public:
        explicit SyncedCommits(SQLite::Database& database);
        ~SyncedCommits();
        SyncedCommits(const SyncedCommits&) = delete;
        SyncedCommits& operator=(const SyncedCommits&) = delete;

    private:
        SQLite::Database& m_database;
        int64_t m_before;
    };

    template <typename Body>
    void transact(SQLite::Database& database, Body&& body) {
        SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
        body(database);
        transaction.commit();
        ++m_changes;
    }

    SQLite::Database& current();
    void requireWritable() const;

    std::mutex m_mutex;
    std::filesystem::path m_file;
    StoreAccess m_access;
    std::unique_ptr<SQLite::Database> m_database;
    bool m_isStandIn = false; ///< an empty database in memory, while the file is not there
    int64_t m_changes = 0;
    int64_t m_version = -1; ///< what SQLite said last of changes by other connections
};

UnixMilliseconds millisecondsNow();

/// Binds null for a value that is not finite; valueOrNan reads it back as NaN.
void bindFinite(SQLite::Statement& statement, int index, double value);
double valueOrNan(const SQLite::Column& column);

void bindOptional(SQLite::Statement& statement, int index, const std::optional<int64_t>& value);
void bindOptional(SQLite::Statement& statement, int index, const std::optional<std::string>& value);
std::optional<int64_t> optionalInteger(const SQLite::Column& column);
std::optional<double> optionalReal(const SQLite::Column& column);
std::optional<std::string> optionalText(const SQLite::Column& column);

} // namespace lorikeet
