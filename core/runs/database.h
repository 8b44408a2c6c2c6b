// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>

namespace lorikeet {

/// Opens or creates the database of runs, in WAL mode where the file system can, else with a rollback journal, and
/// migrates it. Errors as RunStore documents them.
std::unique_ptr<SQLite::Database> openForWriting(const std::filesystem::path& file);

/// Opens the database for reading only, in a folder that cannot be written too. Null where there is none, or an empty
/// file that another process is about to fill.
std::unique_ptr<SQLite::Database> openForReading(const std::filesystem::path& file);

/// A database of this version in memory, without content.
std::unique_ptr<SQLite::Database> emptyDatabase();

/// Throws the Error that stands for what SQLite reports.
[[noreturn]] void failAsError(const SQLite::Exception& exception, const std::filesystem::path& file);

/// Runs `body`, whose SQLite exceptions become Errors that name the file.
template <typename Body>
auto withErrors(const std::filesystem::path& file, Body&& body) {
    try {
        return body();
    } catch (const SQLite::Exception& exception) {
        failAsError(exception, file);
    }
}

} // namespace lorikeet
