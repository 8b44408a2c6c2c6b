// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "core/data/batches.h"
#include "core/data/dataset.h"
#include "core/data/rows_fingerprint.h"
#include "core/jobs/job_progress.h"
#include "core/jobs/open_model.h"
#include "core/train/evaluation.h"
#include "core/train/run_config.h"

namespace lorikeet {

class ThreadPool;

/// A file of rows, opened and gone through once.
struct ScannedRows {
    Dataset dataset;
    DatasetScan scan;
    RowsFingerprint fingerprint = {};
};

/// `text` must outlive the result. Throws BadFile, BadConfig, Cancelled; a file in which no row can be used is none of
/// it.
std::shared_ptr<const ScannedRows> scanRows(const std::string& file, const DataConfig& config, const ModelText& text,
                                            ThreadPool& pool, const ProgressObserver& progress = {},
                                            std::stop_token stop = {});

/// A run's rows, opened and gone through once.
class TrainingData {
public:
    /// `text` must outlive it. Throws BadFile (no row is left to train on, with the reasons; a malformed file),
    /// BadConfig, Cancelled.
    TrainingData(const RunConfig& config, const ModelText& text, int threads, const ProgressObserver& progress = {},
                 std::stop_token stop = {});

    /// Of rows that have been gone through already; `evalRows` null where the run names no file for evaluation.
    TrainingData(const RunConfig& config, std::shared_ptr<const ScannedRows> rows,
                 std::shared_ptr<const ScannedRows> evalRows);

    const Dataset& dataset() const { return m_rows->dataset; }
    const DatasetScan& scan() const { return m_rows->scan; }
    const DatasetSummary& summary() const { return m_rows->scan.summary; }
    /// Rows that are trained on, after those for evaluation have been taken out.
    int64_t trainedRows() const;
    /// Tokens of those rows.
    std::vector<int32_t> lengths() const;
    /// Tokens of the rows for evaluation; empty where there are none.
    std::vector<int32_t> evaluationLengths() const;
    /// Absent where the run has no evaluation rows.
    EvaluationRows evaluation() const;
    std::unique_ptr<StepPlanner> planner() const;
    DataFingerprint fingerprint() const;
    /// What a user should know: rows that are skipped or cut, and why.
    std::vector<std::string> remarks() const;

private:
    void divide();

    const RunConfig m_config;
    std::shared_ptr<const ScannedRows> m_rows;
    std::shared_ptr<const ScannedRows> m_evalFile; ///< null: none
    std::vector<int64_t> m_trainRows;              ///< empty: all
    std::vector<int64_t> m_evalRows;               ///< of the same file
};

} // namespace lorikeet
