// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runs/folded_text.h"

#include <SQLiteCpp/Database.h>
#include <sqlite3.h>
#include <unicode/unistr.h>

namespace lorikeet {

std::string foldedText(std::string_view text) {
    std::string folded;
    icu::UnicodeString::fromUTF8({text.data(), int32_t(text.size())}).foldCase().toUTF8String(folded);
    return folded;
}

void addFoldedFunction(SQLite::Database& database) {
    const auto fold = [](sqlite3_context* context, int, sqlite3_value** arguments) {
        const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(arguments[0]));
        if (!text)
            return;
        const std::string folded = foldedText({text, std::size_t(sqlite3_value_bytes(arguments[0]))});
        sqlite3_result_text(context, folded.data(), int(folded.size()), SQLITE_TRANSIENT);
    };
    database.createFunction("folded", 1, true, nullptr, fold);
}

} // namespace lorikeet
