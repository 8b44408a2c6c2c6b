// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/data/data_config.h"
#include "core/data/row_reader.h"
#include "core/text/chat_template.h"

namespace lorikeet {

/// Which format a dataset's rows have and which column plays which role.
struct ColumnMapping {
    RowFormat format = RowFormat::Text;
    std::map<std::string, std::string> columns; ///< role to column name, those of the format that are there

    bool operator==(const ColumnMapping&) const = default;
};

/// The columns of the first rows in the order of the file, each with the first value that is not null or empty. Throws
/// BadFile where one of those rows is malformed.
Row firstValues(const RowReader& rows);

/// The format and columns that `config` asks for; what it leaves open is found from the names and values of the first
/// rows. Throws BadFile naming the columns found where nothing fits, BadConfig where a column asked for is not there.
ColumnMapping detectFormat(const RowReader& rows, const DataConfig& config);

/// What a row says, by its format but before templates.
struct RowContent {
    std::string text;                              ///< Text
    std::string system, prompt, input, completion; ///< PromptCompletion, and Alpaca (instruction is the prompt)
    std::vector<ChatMessage> messages;             ///< Messages, and ShareGpt with its speakers turned into roles

    /// Whether there is no text in it at all.
    bool empty() const;
};

/// Reads the mapped columns. Throws BadFile saying what is wrong with the row (a column missing, a list where text is
/// expected, an unknown speaker, ...), without its place. Null counts as empty, a number or truth value as its JSON
/// text.
RowContent readContent(const Row& row, const ColumnMapping& mapping);

} // namespace lorikeet
