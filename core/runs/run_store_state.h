// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <mutex>

#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>

#include "core/runs/database.h"
#include "core/runs/run_store.h"

namespace lorikeet {

struct RunStore::State {
    mutable std::mutex mutex;
    std::filesystem::path file;
    std::unique_ptr<SQLite::Database> database;

    /// Calls body(database) alone, with SQLite's exceptions turned into Errors.
    template <typename Body>
    auto read(Body&& body) const {
        const std::lock_guard lock(mutex);
        return withErrors(file, [&] { return body(*database); });
    }

    /// The same within one transaction, which is undone where the body throws. Taking the write lock at once, rather
    /// than at the first write, lets SQLite wait for others instead of failing.
    template <typename Body>
    void write(Body&& body) {
        const std::lock_guard lock(mutex);
        withErrors(file, [&] {
            SQLite::Transaction transaction(*database, SQLite::TransactionBehavior::IMMEDIATE);
            body(*database);
            transaction.commit();
        });
    }
};

/// The row number of a run. Throws NotFound.
int64_t runNumber(SQLite::Database& database, std::string_view id);

std::string toJson(const NamedBytes& bytes);
/// Throws BadFile where the text is not what toJson writes.
NamedBytes namedBytesFromJson(const std::string& text);

/// Binds null for a value that is not finite; valueOrNan reads it back as NaN.
void bindFinite(SQLite::Statement& statement, int index, double value);
double valueOrNan(const SQLite::Column& column);

} // namespace lorikeet
