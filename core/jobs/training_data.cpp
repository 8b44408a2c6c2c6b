// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/training_data.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/thread_pool.h"
#include "core/data/row_order.h"

namespace lorikeet {
namespace {

void addRemarks(const Dataset& dataset, const DatasetSummary& summary, std::vector<std::string>& remarks) {
    const std::string file = dataset.reader().path().string();
    if (summary.skipped() > 0)
        remarks.push_back(
            fmt::format("{}: {} of {} rows are skipped ({} empty, {} without a trained token, {} malformed); first: {}",
                        file, summary.skipped(), summary.rows, summary.empty, summary.nothingTrained, summary.bad,
                        fmt::join(summary.problems, "; ")));
    if (summary.truncatedRows > 0)
        remarks.push_back(fmt::format("{}: {} of {} rows are longer than data.max_length and are cut at the end", file,
                                      summary.truncatedRows, summary.rows));
}

} // namespace

std::shared_ptr<const ScannedRows> scanRows(const std::string& file, const DataConfig& config, const ModelText& text,
                                            ThreadPool& pool, const ProgressObserver& progress, std::stop_token stop) {
    auto rows = std::make_shared<ScannedRows>(
        ScannedRows{{file, config, *text.tokenizer, text.chatTemplate ? &*text.chatTemplate : nullptr}, {}, {}});
    const double count = double(std::max<int64_t>(1, rows->dataset.rows()));
    const auto reading = [&](int64_t done) {
        if (progress)
            progress({JobStage::ReadingData, double(done) / count});
    };
    rows->scan = scanDataset(rows->dataset, pool, reading, std::move(stop),
                             [&](int64_t, const ScannedRow& row) { rows->fingerprint.add(row); });
    return rows;
}

TrainingData::TrainingData(const RunConfig& config, const ModelText& text, int threads,
                           const ProgressObserver& progress, std::stop_token stop)
    : m_config(config) {
    ThreadPool pool(threads);
    m_rows = scanRows(config.data.train, config.data, text, pool, progress, stop);
    if (!config.data.eval.empty())
        m_evalFile = scanRows(config.data.eval, config.data, text, pool, progress, stop);
    divide();
}

TrainingData::TrainingData(const RunConfig& config, std::shared_ptr<const ScannedRows> rows,
                           std::shared_ptr<const ScannedRows> evalRows)
    : m_config(config), m_rows(std::move(rows)), m_evalFile(std::move(evalRows)) {
    divide();
}

void TrainingData::divide() {
    requireUsedRows(m_rows->dataset, m_rows->scan.summary);
    if (m_evalFile)
        requireUsedRows(m_evalFile->dataset, m_evalFile->scan.summary);
    if (m_config.data.evalFraction > 0) {
        EvalSplit split =
            splitForEvaluation(int64_t(scan().usedRows.size()), m_config.data.evalFraction, m_config.training.seed);
        m_trainRows = std::move(split.train);
        m_evalRows = std::move(split.eval);
    }
}

int64_t TrainingData::trainedRows() const {
    return int64_t(m_trainRows.empty() ? scan().usedRows.size() : m_trainRows.size());
}

std::vector<int32_t> TrainingData::lengths() const {
    if (m_trainRows.empty())
        return scan().lengths;
    std::vector<int32_t> lengths;
    for (const int64_t row : m_trainRows)
        lengths.push_back(scan().lengths[std::size_t(row)]);
    return lengths;
}

EvaluationRows TrainingData::evaluation() const {
    if (m_evalFile)
        return {&m_evalFile->dataset, &m_evalFile->scan, {}, m_config.data};
    if (!m_evalRows.empty())
        return {&dataset(), &scan(), m_evalRows, m_config.data};
    return {};
}

std::vector<int32_t> TrainingData::evaluationLengths() const {
    if (m_evalFile)
        return m_evalFile->scan.lengths;
    std::vector<int32_t> lengths;
    for (const int64_t row : m_evalRows)
        lengths.push_back(scan().lengths[std::size_t(row)]);
    return lengths;
}

std::unique_ptr<StepPlanner> TrainingData::planner() const {
    const TrainingConfig& training = m_config.training;
    return std::make_unique<StepPlanner>(dataset(), scan(), m_trainRows, m_config.data,
                                         BatchConfig{training.batchSize, training.accumulationSteps, training.seed});
}

DataFingerprint TrainingData::fingerprint() const {
    return {m_rows->fingerprint, m_evalFile ? m_evalFile->fingerprint : RowsFingerprint{}};
}

std::vector<std::string> TrainingData::remarks() const {
    std::vector<std::string> remarks;
    addRemarks(dataset(), summary(), remarks);
    if (m_evalFile)
        addRemarks(m_evalFile->dataset, m_evalFile->scan.summary, remarks);
    return remarks;
}

} // namespace lorikeet
