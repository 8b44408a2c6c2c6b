// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/jobs/file_stamp.h"
#include "core/jobs/open_model.h"
#include "core/jobs/run_check.h"
#include "core/jobs/training_data.h"
#include "core/model/adapter.h"

namespace lorikeet {

/// Something read from a file, or why it could not be.
template <typename Value>
struct Read {
    FileStamp stamp;
    std::shared_ptr<const Value> value; ///< null where it failed
    std::string error;
};

/// A model without its weights.
struct CheckedModel {
    ModelFacts facts;
    ModelConfig config;
    StoredType tables = StoredType::BF16;
    std::optional<QuantizationSpec> quantization; ///< of a checkpoint that is quantized already
    Blocksizes blocksizes;                        ///< of such a checkpoint, where its layers differ
};

/// Throws as openModelFiles.
CheckedModel readCheckedModel(const std::filesystem::path& path);

/// A run's rows, counted: what the settings of training need to know of them.
struct RowCounts {
    DataFacts facts;
    std::vector<int32_t> lengths; ///< of the trained rows
    std::vector<int32_t> evaluationLengths;
    int64_t unitsPerEpoch = 0; ///< rows, or packs
    int64_t tokensPerEpoch = 0;
    int64_t evaluationTokens = 0;
    int64_t usualLongest = 0;         ///< tokens that 95 % of the rows do not exceed, uncut
    std::vector<std::string> reasons; ///< why rows are skipped
    bool isProvisional = false;       ///< estimated from other settings
};

/// Throws BadConfig, BadFile as TrainingData.
RowCounts countRows(const RunConfig& config, const std::shared_ptr<const ScannedRows>& rows,
                    const std::shared_ptr<const ScannedRows>& evalRows);
/// The same from rows that were read with another cut or packing; those that only another cut would use are missing.
RowCounts approximateCounts(const RunConfig& config, const ScannedRows& rows, const ScannedRows* evalRows);

} // namespace lorikeet
