// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "core/base/function_ref.h"
#include "core/data/example.h"

namespace lorikeet {

class ThreadPool;

/// Why a row is left out.
enum class SkipReason {
    Empty,          ///< it has no text
    NothingTrained, ///< no token of it is a target, or none within max_length
    Bad             ///< its columns are not what the format asks for, or the chat template refuses it
};

/// What became of one row.
struct RowResult {
    Example example; ///< whatever could be made of it, even where it is skipped
    std::optional<SkipReason> skipped;
    std::string problem; ///< where it is skipped: why, without the place
};

/// The rows of a file as token sequences with their loss masks, made when asked for. Any thread.
class Dataset {
public:
    /// Opens the file; format and columns by `config`. `chatTemplate` is the model's, or null. Both references must
    /// outlive the dataset. Throws BadFile, and BadConfig where the config asks for a template that the model lacks.
    Dataset(const std::filesystem::path& file, const DataConfig& config, const Tokenizer& tokenizer,
            const ChatTemplate* chatTemplate);
    /// The same over a file that is open already: nothing but its first rows is read.
    Dataset(std::shared_ptr<const RowReader> rows, const DataConfig& config, const Tokenizer& tokenizer,
            const ChatTemplate* chatTemplate);

    int64_t rows() const { return m_reader->rowCount(); }
    const RowReader& reader() const { return *m_reader; }
    const ColumnMapping& mapping() const { return m_mapping; }
    bool usesChatTemplate() const { return m_template != nullptr; }
    /// Tokens after which a row is cut; 0 where rows are split instead (text that is packed).
    int64_t cutLength() const { return m_cutLength; }
    /// Tokens of the longest sequence that a row can become, whether it is cut or split.
    int64_t maxLength() const { return m_maxLength; }

    /// The row's text by pieces, for showing what is trained. Throws BadFile as result() reports it.
    std::vector<Piece> pieces(int64_t row) const;
    /// Throws BadFile only where the file itself is malformed there; a row that is merely unfit is a result.
    RowResult result(int64_t row) const;
    /// The tokens of a row that is known to be fit.
    Example example(int64_t row) const { return result(row).example; }

private:
    std::shared_ptr<const RowReader> m_reader;
    ColumnMapping m_mapping;
    TrainOn m_trainOn;
    int64_t m_maxLength, m_cutLength;
    const Tokenizer& m_tokenizer;
    const ChatTemplate* m_template; ///< null where rows are joined plainly
};

/// Numbers of a whole dataset.
struct DatasetSummary {
    int64_t rows = 0, usedRows = 0;
    int64_t empty = 0, nothingTrained = 0, bad = 0; ///< skipped, by reason
    int64_t truncatedRows = 0;
    int64_t tokens = 0, trainedTokens = 0; ///< of the used rows, after the cut
    int64_t longest = 0;                   ///< tokens of the longest sequence that comes of a row
    std::vector<std::string> problems;     ///< the first one of each reason, with file and line

    int64_t skipped() const { return empty + nothingTrained + bad; }
    bool operator==(const DatasetSummary&) const = default;
};

/// What a scan sees of a row.
struct ScannedRow {
    int32_t length = 0, fullLength = 0, trained = 0; ///< tokens: after the cut, before it, and trained ones
    bool truncated = false;
    std::optional<SkipReason> skipped;
    uint64_t fingerprint = 0; ///< of its tokens and mask: rows that train the same have the same
};

/// A dataset, gone through once.
struct DatasetScan {
    DatasetSummary summary;
    std::vector<int64_t> usedRows;    ///< ascending
    std::vector<int32_t> lengths;     ///< of the used rows: tokens after the cut, or of the first part of a split row
    std::vector<int32_t> fullLengths; ///< of the used rows: tokens before the cut
};

/// Tokenizes every row once. `progress` hears the rows done so far, from one thread at a time. Throws Cancelled on a
/// stop, BadFile where the file is malformed. The result does not depend on the number of threads.
DatasetScan scanDataset(const Dataset& dataset, ThreadPool& pool, FunctionRef<void(int64_t rowsDone)> progress,
                        std::stop_token stop = {});
/// The same, and `each` sees every row in order, from one thread at a time.
DatasetScan scanDataset(const Dataset& dataset, ThreadPool& pool, FunctionRef<void(int64_t rowsDone)> progress,
                        std::stop_token stop, FunctionRef<void(int64_t index, const ScannedRow& row)> each);

/// Throws BadFile with the reasons where no row is left to train on.
void requireUsedRows(const Dataset& dataset, const DatasetSummary& summary);

/// How many rows have how many tokens: bins of equal width from 0 to the longest.
struct LengthHistogram {
    int64_t binWidth = 1;
    std::vector<int64_t> counts; ///< counts[i]: lengths in [i * binWidth, (i + 1) * binWidth)
};
LengthHistogram lengthHistogram(std::span<const int32_t> lengths, int bins);

} // namespace lorikeet
