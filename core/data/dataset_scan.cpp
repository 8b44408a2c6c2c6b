// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>

#include "core/base/error.h"
#include "core/base/thread_pool.h"
#include "core/data/dataset.h"
#include "core/data/rows_fingerprint.h"

namespace lorikeet {

namespace {

constexpr int64_t kRowsPerTile = 16, kRowsPerBlock = 1024;
constexpr std::array kReasons{SkipReason::Empty, SkipReason::NothingTrained, SkipReason::Bad};

uint64_t fingerprint(const Example& example) {
    uint64_t hash = mixedHash(0, uint64_t(example.fullLength));
    for (std::size_t i = 0; i < example.tokens.size(); ++i)
        hash = mixedHash(hash, uint64_t(uint32_t(example.tokens[i])) << 1 | example.trained[i]);
    return hash;
}

ScannedRow scanRow(const Dataset& dataset, int64_t row) {
    const RowResult result = dataset.result(row);
    return {int32_t(result.example.tokens.size()),
            int32_t(result.example.fullLength),
            int32_t(result.example.trainedTokens()),
            result.example.truncated,
            result.skipped,
            fingerprint(result.example)};
}

void add(DatasetScan& scan, int64_t index, const ScannedRow& row, int64_t maxLength) {
    const auto length = int32_t(std::min<int64_t>(row.length, maxLength));
    DatasetSummary& summary = scan.summary;
    summary.rows += 1;
    if (row.skipped) {
        int64_t& count = *row.skipped == SkipReason::Empty            ? summary.empty
                         : *row.skipped == SkipReason::NothingTrained ? summary.nothingTrained
                                                                      : summary.bad;
        count += 1;
        return;
    }
    summary.usedRows += 1;
    summary.truncatedRows += row.truncated ? 1 : 0;
    summary.tokens += row.length;
    summary.trainedTokens += row.trained;
    summary.longest = std::max<int64_t>(summary.longest, length);
    scan.usedRows.push_back(index);
    scan.lengths.push_back(length);
    scan.fullLengths.push_back(row.fullLength);
}

} // namespace

DatasetScan scanDataset(const Dataset& dataset, ThreadPool& pool, FunctionRef<void(int64_t rowsDone)> progress,
                        std::stop_token stop) {
    return scanDataset(dataset, pool, progress, std::move(stop), [](int64_t, const ScannedRow&) {});
}

DatasetScan scanDataset(const Dataset& dataset, ThreadPool& pool, FunctionRef<void(int64_t rowsDone)> progress,
                        std::stop_token stop, FunctionRef<void(int64_t index, const ScannedRow& row)> each) {
    DatasetScan scan;
    std::array<int64_t, kReasons.size()> firstSkipped{-1, -1, -1};
    std::vector<ScannedRow> block;
    for (int64_t begin = 0; begin < dataset.rows(); begin += kRowsPerBlock) {
        if (stop.stop_requested())
            fail(ErrorCode::Cancelled, "{}: stopped at row {} of {}", dataset.reader().path().filename().string(),
                 begin, dataset.rows());
        const int64_t count = std::min(kRowsPerBlock, dataset.rows() - begin);
        block.assign(std::size_t(count), {});
        pool.parallelFor((count + kRowsPerTile - 1) / kRowsPerTile, [&](int64_t tile) {
            for (int64_t i = tile * kRowsPerTile; i < std::min(count, (tile + 1) * kRowsPerTile); ++i)
                block[std::size_t(i)] = scanRow(dataset, begin + i);
        });
        for (int64_t i = 0; i < count; ++i) {
            const ScannedRow& row = block[std::size_t(i)];
            add(scan, begin + i, row, dataset.maxLength());
            each(begin + i, row);
            if (row.skipped && firstSkipped[std::size_t(*row.skipped)] < 0)
                firstSkipped[std::size_t(*row.skipped)] = begin + i;
        }
        progress(begin + count);
    }
    for (const int64_t row : firstSkipped)
        if (row >= 0)
            scan.summary.problems.push_back(
                fmt::format("{}: {}", dataset.reader().place(row), dataset.result(row).problem));
    return scan;
}

void requireUsedRows(const Dataset& dataset, const DatasetSummary& summary) {
    if (summary.usedRows > 0)
        return;
    std::string first;
    for (const std::string& problem : summary.problems)
        first += (first.empty() ? "" : "; ") + problem;
    fail(ErrorCode::BadFile,
         "{}: none of its {} rows can be trained on: {} have no text, {} have nothing to train, {} do not fit the "
         "format. The first: {}",
         dataset.reader().path().filename().string(), summary.rows, summary.empty, summary.nothingTrained, summary.bad,
         first);
}

LengthHistogram lengthHistogram(std::span<const int32_t> lengths, int bins) {
    if (bins < 1)
        fail(ErrorCode::InvalidArgument, "length histogram: {} bins", bins);
    LengthHistogram histogram;
    const int64_t longest = lengths.empty() ? 0 : *std::max_element(lengths.begin(), lengths.end());
    histogram.binWidth = longest / bins + 1;
    histogram.counts.assign(std::size_t(longest / histogram.binWidth + 1), 0);
    for (const int32_t length : lengths)
        histogram.counts[std::size_t(length / histogram.binWidth)] += 1;
    return histogram;
}

} // namespace lorikeet
