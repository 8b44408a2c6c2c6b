// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/runs/run_lock.h"
#include "core/runs/run_store_state.h"

namespace lorikeet {

namespace fs = std::filesystem;

namespace {

/// The sign that a run is not alive, and stays so; nothing where it has no folder to be alive in. Throws Busy.
std::optional<RunLock> lockDead(const fs::path& folder) {
    std::optional<RunLock> lock;
    if (fs::exists(folder))
        lock.emplace(folder);
    return lock;
}

void mark(SQLite::Database& database, std::string_view id, bool deleted) {
    const int64_t number = runNumber(database, id);
    SQLite::Statement update(database, "UPDATE runs SET deleted = ? WHERE number = ?");
    bindOptional(update, 1, deleted ? std::optional(millisecondsNow()) : std::nullopt);
    update.bind(2, number);
    update.exec();
}

} // namespace

void RunStore::setDeleted(std::string_view id, bool deleted) {
    get(id);
    const std::optional<RunLock> lock = deleted ? lockDead(m_folder.run(id)) : std::nullopt;
    m_state->write([&](SQLite::Database& database) { mark(database, id, deleted); });
}

int64_t RunStore::purgeDeleted(std::chrono::milliseconds age) {
    const auto ids = m_state->read([&](SQLite::Database& database) {
        SQLite::Statement query(database, "SELECT id FROM runs WHERE deleted <= ?");
        query.bind(1, millisecondsNow() - age.count());
        std::vector<std::string> all;
        while (query.executeStep())
            all.push_back(query.getColumn(0).getString());
        return all;
    });
    int64_t removed = 0;
    for (const std::string& id : ids) {
        try {
            remove(id);
            ++removed;
        } catch (const Error& error) {
            if (error.code() != ErrorCode::Busy && error.code() != ErrorCode::Io && error.code() != ErrorCode::NotFound)
                throw;
            logWarning("{}", error.message());
        }
    }
    return removed;
}

void RunStore::remove(std::string_view id) {
    get(id);
    const fs::path folder = m_folder.run(id);
    const std::optional<RunLock> lock = lockDead(folder);
    // Hidden first and forgotten last: where this ends in between, the next purge finds the run and goes on.
    m_state->write([&](SQLite::Database& database) { mark(database, id, true); });
    std::error_code error;
    fs::remove_all(folder, error);
    if (error)
        fail(ErrorCode::Io, "{}: the run is hidden, but its folder cannot be deleted: {}", folder.string(),
             error.message());
    m_state->write([&](SQLite::Database& database) {
        SQLite::Statement statement(database, "DELETE FROM runs WHERE number = ?");
        statement.bind(1, runNumber(database, id));
        statement.exec();
    });
}

} // namespace lorikeet
