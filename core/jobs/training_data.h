// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "core/data/batches.h"
#include "core/data/dataset.h"
#include "core/jobs/job_progress.h"
#include "core/jobs/open_model.h"
#include "core/train/evaluation.h"
#include "core/train/run_config.h"

namespace lorikeet {

/// A run's rows, opened and gone through once.
class TrainingData {
public:
    /// `text` must outlive it. Throws BadFile (no row is left to train on, with the reasons; a malformed file),
    /// BadConfig, Cancelled.
    TrainingData(const RunConfig& config, const ModelText& text, int threads, const ProgressObserver& progress = {},
                 std::stop_token stop = {});

    const Dataset& dataset() const { return *m_dataset; }
    const DatasetScan& scan() const { return m_scan; }
    const DatasetSummary& summary() const { return m_scan.summary; }
    /// Rows that are trained on, after those for evaluation have been taken out.
    int64_t trainedRows() const;
    /// Tokens of those rows.
    std::vector<int32_t> lengths() const;
    /// Absent where the run has no evaluation rows.
    EvaluationRows evaluation() const;
    std::unique_ptr<StepPlanner> planner() const;
    /// What a user should know: rows that are skipped or cut, and why.
    std::vector<std::string> remarks() const;

private:
    const RunConfig m_config;
    std::unique_ptr<Dataset> m_dataset;
    DatasetScan m_scan;
    std::vector<int64_t> m_trainRows; ///< empty: all
    std::vector<int64_t> m_evalRows;  ///< of the same file
    std::unique_ptr<Dataset> m_evalDataset;
    DatasetScan m_evalScan;
};

} // namespace lorikeet
