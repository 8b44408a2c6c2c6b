// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/training_data.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/thread_pool.h"
#include "core/data/row_order.h"

namespace lorikeet {
namespace {

DatasetScan scanned(const Dataset& dataset, ThreadPool& pool, const ProgressObserver& progress, std::stop_token stop) {
    const double rows = double(std::max<int64_t>(1, dataset.rows()));
    const auto reading = [&](int64_t done) {
        if (progress)
            progress({JobStage::ReadingData, double(done) / rows});
    };
    DatasetScan result = scanDataset(dataset, pool, reading, std::move(stop));
    requireUsedRows(dataset, result.summary);
    return result;
}

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

TrainingData::TrainingData(const RunConfig& config, const ModelText& text, int threads,
                           const ProgressObserver& progress, std::stop_token stop)
    : m_config(config) {
    const ChatTemplate* chatTemplate = text.chatTemplate ? &*text.chatTemplate : nullptr;
    m_dataset = std::make_unique<Dataset>(config.data.train, config.data, *text.tokenizer, chatTemplate);
    if (!config.data.eval.empty())
        m_evalDataset = std::make_unique<Dataset>(config.data.eval, config.data, *text.tokenizer, chatTemplate);
    ThreadPool pool(threads);
    m_scan = scanned(*m_dataset, pool, progress, stop);
    if (m_evalDataset)
        m_evalScan = scanned(*m_evalDataset, pool, progress, stop);
    if (config.data.evalFraction > 0) {
        EvalSplit split =
            splitForEvaluation(int64_t(m_scan.usedRows.size()), config.data.evalFraction, config.training.seed);
        m_trainRows = std::move(split.train);
        m_evalRows = std::move(split.eval);
    }
}

int64_t TrainingData::trainedRows() const {
    return int64_t(m_trainRows.empty() ? m_scan.usedRows.size() : m_trainRows.size());
}

std::vector<int32_t> TrainingData::lengths() const {
    if (m_trainRows.empty())
        return m_scan.lengths;
    std::vector<int32_t> lengths;
    for (const int64_t row : m_trainRows)
        lengths.push_back(m_scan.lengths[std::size_t(row)]);
    return lengths;
}

EvaluationRows TrainingData::evaluation() const {
    if (m_evalDataset)
        return {m_evalDataset.get(), &m_evalScan, {}, m_config.data};
    if (!m_evalRows.empty())
        return {m_dataset.get(), &m_scan, m_evalRows, m_config.data};
    return {};
}

std::unique_ptr<StepPlanner> TrainingData::planner() const {
    const TrainingConfig& training = m_config.training;
    return std::make_unique<StepPlanner>(*m_dataset, m_scan, m_trainRows, m_config.data,
                                         BatchConfig{training.batchSize, training.accumulationSteps, training.seed});
}

std::vector<std::string> TrainingData::remarks() const {
    std::vector<std::string> remarks;
    addRemarks(*m_dataset, m_scan.summary, remarks);
    if (m_evalDataset)
        addRemarks(*m_evalDataset, m_evalScan.summary, remarks);
    return remarks;
}

} // namespace lorikeet
