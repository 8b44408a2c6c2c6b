// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/runs/run_store.h"
#include "core/runs/store_connection.h"

namespace lorikeet {

struct RunStore::State : StoreConnection {
    using StoreConnection::StoreConnection;
};

/// Makes a run the last of those that are queued.
void putLastInQueue(SQLite::Database& database, int64_t run);

/// The row number of a run. Throws NotFound.
int64_t runNumber(SQLite::Database& database, std::string_view id);

std::string toJson(const NamedBytes& bytes);
/// Throws BadFile where the text is not what toJson writes.
NamedBytes namedBytesFromJson(const std::string& text);

} // namespace lorikeet
