// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QMetaType>
#include <QString>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/data/data_config.h"

namespace lorikeet::ui {

/// A column of a dataset's file.
struct DatasetColumn {
    QString name;
    std::string role;   ///< that it plays in the format; empty: none
    QString firstValue; ///< its beginning, in one line
};

/// What is known of a dataset once its file is open.
struct DatasetFacts {
    RowFormat format = RowFormat::Auto; ///< as asked for or as found; Auto where none fits
    bool usesChatTemplate = false;
    int64_t rows = 0;
    QList<DatasetColumn> columns;
    std::vector<std::string> roles;      ///< that the format has
    std::vector<std::string> namedRoles; ///< those that a column of the file takes by its name where nothing is said
    QString problem;                     ///< why its rows cannot be trained on as they are mapped
};

enum class TokenState : uint8_t { Read, Trained, CutOff };

struct DatasetToken {
    int id = 0;
    QString text; ///< a character of several tokens stands with the last of them
    bool isSpecial = false;
    TokenState state = TokenState::Read;
};

/// One row in its four forms.
struct DatasetRow {
    int64_t row = 0;
    QString raw, rendered;
    QList<DatasetToken> tokens;
    int64_t length = 0;   ///< in tokens, before the cut
    int64_t trained = 0;  ///< tokens that are trained
    int64_t readOnly = 0; ///< tokens that are read but not trained
    QString problem;      ///< why it is not trained on; empty where it is
};

/// What going through all rows found.
struct DatasetNumbers {
    int64_t rows = 0, truncated = 0, empty = 0, neverTrained = 0, unfit = 0, duplicates = 0;
    int64_t tokens = 0, trainedTokens = 0, longest = 0;
    int64_t longestRow = -1;
    std::vector<int64_t> truncatedRows, emptyRows, neverTrainedRows, unfitRows, duplicateRows; ///< ascending, from 0
    std::vector<int32_t> lengths; ///< of the rows that are trained on, before the cut
};

} // namespace lorikeet::ui
