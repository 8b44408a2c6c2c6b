// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/data/dataset.h"
#include "core/jobs/job_progress.h"

namespace lorikeet {

class Workshop;

/// A token of a row as training sees it.
struct ShownToken {
    TokenId id = 0;
    std::string text; ///< its bytes, which may be part of a character
    bool trained = false;
    bool special = false;
};

struct PreviewColumn {
    std::string name;
    std::string value; ///< text as it is, other values as JSON
};

/// One row in all its forms. What cannot be made of it is empty, and `problem` says why.
struct PreviewRow {
    int64_t index = 0;
    std::string raw; ///< indented JSON
    std::vector<PreviewColumn> columns;
    std::string rendered;           ///< by the template, or joined plainly; before the cut
    std::vector<ShownToken> tokens; ///< up to the cut
    std::vector<ShownToken> cutOff; ///< after the cut, the first kMostCutOff of them
    int64_t trainedTokens = 0;
    int64_t fullLength = 0; ///< tokens before the cut
    bool truncated = false;
    std::optional<SkipReason> skipped; ///< why training leaves it out
    std::string problem;

    static constexpr std::size_t kMostCutOff = 2000;
};

/// What a pass over all rows found.
struct DatasetReport {
    DatasetScan scan;
    LengthHistogram lengths;                    ///< of the used rows before the cut
    int64_t duplicates = 0;                     ///< used rows that train the same tokens as one before them
    int64_t longestRow = -1, longestLength = 0; ///< of the used rows before the cut; the first of equal ones
    /// The first of each kind, at most kListedRows; the summary has the counts.
    std::vector<int64_t> truncated, empty, nothingTrained, bad, duplicateRows;

    static constexpr std::size_t kListedRows = 1000;

    /// Used rows that a cut at so many tokens would shorten.
    int64_t rowsLongerThan(int64_t tokens) const;
};

/// A dataset's file, open for looking at single rows while its mapping is edited. The file is read once, when it is
/// opened; after that a row, a new mapping or another model costs what one row costs. Any thread: one may scan while
/// others ask for rows.
class DatasetPreview {
public:
    /// Opens the file with `config` for its mapping (its paths are not used). Throws BadFile, NotFound, Io as openRows;
    /// a mapping that does not fit is problem(), not an error.
    DatasetPreview(const Workshop& workshop, const std::filesystem::path& file, const DataConfig& config = {});
    ~DatasetPreview();
    DatasetPreview(const DatasetPreview&) = delete;
    DatasetPreview& operator=(const DatasetPreview&) = delete;

    int64_t rows() const;
    /// Whether the file is another one by now: then a new preview has to be opened. Rows of a file that has become
    /// shorter are refused, as a problem.
    bool hasFileChanged() const;
    /// The columns of the first rows, each with its first value.
    const std::vector<PreviewColumn>& columns() const;
    /// What the columns' names and values suggest where nothing is said; none where nothing fits.
    const std::optional<ColumnMapping>& detected() const;

    void setMapping(const DataConfig& config);
    /// Opens the tokenizer and template of a model (a path or a library's name), no weights; empty: no model. Throws as
    /// openText and changes nothing then.
    void setModel(const std::string& model);

    DataConfig config() const;
    /// The format and columns in use; none where there is a problem with them.
    std::optional<ColumnMapping> mapping() const;
    bool usesChatTemplate() const;
    /// Why rows cannot be rendered as the mapping is, in words for the user; empty where they can. That no model has
    /// been chosen is no problem.
    std::string problem() const;
    /// Throws the problem as the BadFile or BadConfig that it is.
    void requireNoProblem() const;

    /// Without a model: raw and columns only. Costs a pass over the file where the row is malformed, for its line.
    /// Throws InvalidArgument where there is no such row; anything wrong with the row itself is in the result.
    PreviewRow row(int64_t index) const;

    /// Goes through all rows as training does, with `config` in place of the mapping set. Throws BadConfig where no
    /// model is set, what requireNoProblem throws, and what scanDataset throws.
    DatasetReport scan(const DataConfig& config, const ProgressObserver& progress = {},
                       std::stop_token stop = {}) const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace lorikeet
