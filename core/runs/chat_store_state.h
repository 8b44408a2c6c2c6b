// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/runs/chat_store.h"
#include "core/runs/store_connection.h"

namespace lorikeet {

struct ChatStore::State : StoreConnection {
    using StoreConnection::StoreConnection;
};

/// The row number of a conversation. Throws NotFound.
int64_t conversationNumber(SQLite::Database& database, std::string_view id);

} // namespace lorikeet
