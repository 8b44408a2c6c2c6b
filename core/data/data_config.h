// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace lorikeet {

/// What a row of a dataset looks like.
enum class RowFormat : uint8_t { Auto, Text, PromptCompletion, Alpaca, Messages, ShareGpt };

/// Whether rows go through the model's chat template. Auto: where the model has one.
enum class TemplateChoice : uint8_t { Auto, Chat, Plain };

/// Which tokens of a row are trained.
enum class TrainOn : uint8_t { Completions, All };

/// The "data" object of a run's file: where the rows are and what becomes of them. Paths are as written there.
struct DataConfig {
    std::string train;         ///< the dataset's file
    std::string eval;          ///< a file of rows for evaluation; empty: none
    double evalFraction = 0.0; ///< share of the training rows that is held out for evaluation, in [0, 1)
    RowFormat format = RowFormat::Auto;
    TemplateChoice chatTemplate = TemplateChoice::Auto;
    /// Role of the format ("prompt") to column of the file ("question"); empty: no column plays it, whatever its name.
    std::map<std::string, std::string> columns;
    TrainOn trainOn = TrainOn::Completions;
    int maxLength = 512;                      ///< tokens of a row, or of a pack
    bool packing = false;                     ///< several rows in one sequence of maxLength tokens
    bool shuffle = true;                      ///< another order of the rows in each epoch
    std::optional<int64_t> maxTokensPerBatch; ///< cuts a step's rows into micro-batches by tokens, not by count
    bool sharePrefixes = false;               ///< rows of one micro-batch compute their common beginning once

    bool operator==(const DataConfig&) const = default;
};

} // namespace lorikeet
