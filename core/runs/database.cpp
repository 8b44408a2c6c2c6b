// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runs/database.h"

#include <chrono>
#include <thread>

#include <sqlite3.h>

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/runs/schema.h"

namespace lorikeet {

namespace fs = std::filesystem;

namespace {

constexpr int kBusyMilliseconds = 10'000;

bool isSharedMemoryFault(const SQLite::Exception& exception) {
    switch (exception.getExtendedErrorCode()) {
    case SQLITE_IOERR_SHMOPEN:
    case SQLITE_IOERR_SHMSIZE:
    case SQLITE_IOERR_SHMLOCK:
    case SQLITE_IOERR_SHMMAP:
        return true;
    default:
        return exception.getErrorCode() == SQLITE_PROTOCOL;
    }
}

/// The one value of a statement, which has ended when this returns (a column keeps its statement open).
std::string value(SQLite::Database& database, const char* statement) {
    return database.execAndGet(statement).getString();
}

/// Asks for WAL. Where the file system cannot, SQLite keeps the rollback journal and says so, which is fine.
void preferWriteAheadLog(SQLite::Database& database) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(kBusyMilliseconds);
    for (;;) {
        try {
            // The switch itself does not wait for others, as writes do.
            if (value(database, "PRAGMA journal_mode") == "wal" ||
                value(database, "PRAGMA journal_mode = WAL") == "wal")
                database.exec("PRAGMA synchronous = NORMAL");
            return;
        } catch (const SQLite::Exception& exception) {
            if (exception.getErrorCode() != SQLITE_BUSY || std::chrono::steady_clock::now() > deadline)
                throw;
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    }
}

/// Leaves WAL without the shared memory that it normally needs.
void useRollbackJournal(SQLite::Database& database) {
    value(database, "PRAGMA locking_mode = EXCLUSIVE");
    value(database, "PRAGMA journal_mode = DELETE");
    value(database, "PRAGMA locking_mode = NORMAL");
    database.exec("PRAGMA synchronous = FULL");
    value(database, "SELECT count(*) FROM sqlite_master"); // the change of locking takes effect with a read
}

std::unique_ptr<SQLite::Database> open(const std::string& name, int flags) {
    auto database = std::make_unique<SQLite::Database>(name, flags, kBusyMilliseconds);
    // A damaged or hostile file must not make SQLite run SQL that the file brings along.
    sqlite3_db_config(database->getHandle(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(database->getHandle(), SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    return database;
}

/// "file:" address in which no character of the path has another meaning.
std::string immutableAddress(const fs::path& file) {
    std::string address = "file:";
    for (const char c : file.string()) {
        if (c == '%' || c == '?' || c == '#')
            address += fmt::format("%{:02x}", unsigned(c));
        else
            address += c;
    }
    return address + "?immutable=1";
}

} // namespace

std::unique_ptr<SQLite::Database> openForWriting(const fs::path& file) {
    std::error_code error;
    fs::create_directories(file.parent_path(), error);
    if (error)
        fail(ErrorCode::Io, "{}: cannot create the folder: {}", file.parent_path().string(), error.message());
    return withErrors(file, [&] {
        auto database = open(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        // Where the file is write-protected SQLite opens it all the same, for reading.
        if (sqlite3_db_readonly(database->getHandle(), "main") == 1)
            fail(ErrorCode::Io, "{}: the database cannot be written", file.string());
        const auto migrations = runSchemaMigrations();
        requireKnownSchema(*database, migrations, file.string());
        try {
            preferWriteAheadLog(*database);
            migrate(*database, migrations, file.string());
        } catch (const SQLite::Exception& exception) {
            if (!isSharedMemoryFault(exception))
                throw;
            logInfo("{}: {}; using a rollback journal", file.string(), exception.what());
            useRollbackJournal(*database);
            migrate(*database, migrations, file.string());
        }
        database->exec("PRAGMA foreign_keys = ON");
        return database;
    });
}

std::unique_ptr<SQLite::Database> openForReading(const fs::path& file) {
    std::error_code unreadable;
    if (!fs::exists(file, unreadable) && !unreadable)
        return nullptr;
    return withErrors(file, [&]() -> std::unique_ptr<SQLite::Database> {
        const auto migrations = runSchemaMigrations();
        try {
            auto database = open(file.string(), SQLite::OPEN_READONLY);
            return requireCurrentSchema(*database, migrations, file.string()) ? std::move(database) : nullptr;
        } catch (const SQLite::Exception&) {
            // WAL needs a file beside the database even to read. Where the folder forbids that, and no log with
            // newer content is there, the file alone is the whole database.
            std::error_code ignored;
            const fs::path log = file.string() + "-wal";
            if (fs::exists(log, ignored) && fs::file_size(log, ignored) > 0)
                throw;
            auto database = open(immutableAddress(file), SQLite::OPEN_READONLY | SQLite::OPEN_URI);
            return requireCurrentSchema(*database, migrations, file.string()) ? std::move(database) : nullptr;
        }
    });
}

std::unique_ptr<SQLite::Database> emptyDatabase() {
    auto database = std::make_unique<SQLite::Database>(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    migrate(*database, runSchemaMigrations(), "memory");
    return database;
}

void failAsError(const SQLite::Exception& exception, const fs::path& file) {
    const std::string name = file.string();
    switch (exception.getErrorCode()) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        fail(ErrorCode::Busy, "{}: another program kept the database locked for {} seconds", name,
             kBusyMilliseconds / 1000);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        fail(ErrorCode::BadFile, "{}: the database is damaged: {}", name, exception.what());
    case SQLITE_FULL:
        fail(ErrorCode::Io, "{}: the disk is full", name);
    default:
        fail(ErrorCode::Io, "{}: the database cannot be used: {}", name, exception.what());
    }
}

} // namespace lorikeet
