// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <cstdint>
#include <string>

#include "core/data/data_config.h"

namespace lorikeet::ui {

/// How a format of rows is called where people read: "Prompt/completion".
QString formatTitle(RowFormat format);

/// How the role of a column is called: "completion" is "Answer".
QString roleTitle(const std::string& role);

/// "1 row", "7,473 rows".
QString rowsText(int64_t rows);
/// "1 token", "1,024 tokens".
QString tokensText(int64_t tokens);

} // namespace lorikeet::ui
