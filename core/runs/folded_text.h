// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace SQLite {
class Database;
}

namespace lorikeet {

/// The text with Unicode's case differences taken away (full case folding), for comparing whatever the case.
std::string foldedText(std::string_view text);

/// Makes foldedText known to SQL statements of this connection as folded(TEXT).
void addFoldedFunction(SQLite::Database& database);

} // namespace lorikeet
