// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/jobs/dataset_preview.h"
#include "core/jobs/workshop.h"

namespace lorikeet {

struct DatasetInspection {
    ColumnMapping mapping;
    int64_t rows = 0;
    bool usesChatTemplate = false;
    // With a model:
    std::optional<DatasetSummary> summary;
    LengthHistogram lengths;
    int64_t exampleRow = -1; ///< the first row that trains; -1 where none does
    std::vector<ShownToken> example;
    std::vector<PreviewRow> listed; ///< the first rows, as many as were asked for
};

/// What a file of rows holds; with a model (a path or a library's name) also what its rows become, the first
/// `listedRows` of them one by one. Throws BadFile, BadConfig, NotFound.
DatasetInspection inspectDataset(Workshop& workshop, const DataConfig& data, const std::optional<std::string>& model,
                                 const ProgressObserver& progress = {}, std::stop_token stop = {},
                                 int64_t listedRows = 0);

} // namespace lorikeet
