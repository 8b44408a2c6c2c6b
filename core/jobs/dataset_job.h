// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/data/dataset.h"
#include "core/jobs/job_progress.h"
#include "core/jobs/workshop.h"

namespace lorikeet {

/// A stretch of an example row as training sees it.
struct ShownToken {
    TokenId id = 0;
    std::string text;
    bool trained = false;
};

struct DatasetInspection {
    ColumnMapping mapping;
    int64_t rows = 0;
    bool usesChatTemplate = false;
    // With a model:
    std::optional<DatasetSummary> summary;
    LengthHistogram lengths;
    int64_t exampleRow = -1; ///< the first row that trains; -1 where none does
    std::vector<ShownToken> example;
};

/// What a file of rows holds; with a model (a path or a library's name) also what its rows become. Throws BadFile,
/// BadConfig, NotFound.
DatasetInspection inspectDataset(Workshop& workshop, const DataConfig& data, const std::optional<std::string>& model,
                                 const ProgressObserver& progress = {}, std::stop_token stop = {});

} // namespace lorikeet
