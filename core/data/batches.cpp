// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/batches.h"

#include <algorithm>
#include <cassert>
#include <numeric>

#include "core/base/error.h"

namespace lorikeet {

namespace {

/// The used rows as parts, in the order of the file. Rows longer than `maxLength`, which only text to be packed has,
/// are split; a last part of one token is left out, since nothing in it is predicted.
std::vector<RowPart> partsOf(const Dataset& dataset, const DatasetScan& scan, std::span<const int64_t> selection,
                             int64_t maxLength) {
    const bool isSplit = dataset.cutLength() == 0;
    std::vector<RowPart> parts;
    const auto addRow = [&](std::size_t i) {
        const int64_t length = isSplit ? scan.fullLengths[i] : scan.lengths[i];
        for (int64_t begin = 0; begin < length; begin += maxLength) {
            const int64_t end = std::min(begin + maxLength, length);
            if (end - begin > 1)
                parts.push_back({scan.usedRows[i], begin, end});
        }
    };
    if (selection.empty())
        for (std::size_t i = 0; i < scan.usedRows.size(); ++i)
            addRow(i);
    for (const int64_t i : selection)
        addRow(std::size_t(i));
    return parts;
}

int64_t tokensOf(std::span<const RowPart> unit) {
    return std::accumulate(unit.begin(), unit.end(), int64_t(0),
                           [](int64_t sum, const RowPart& part) { return sum + part.length(); });
}

/// Cuts units into micro-batches: each gets units in order, up to `batchSize` or, where it is given, `maxTokens`.
class MicroBatchCutter {
public:
    MicroBatchCutter(ExampleCache& examples, int64_t batchSize, std::optional<int64_t> maxTokens)
        : m_examples(examples), m_batchSize(batchSize), m_maxTokens(maxTokens) {}

    /// Whether the unit must go into a new batch.
    bool isFull(std::span<const RowPart> next) const {
        if (m_units == 0)
            return false;
        return m_maxTokens ? int64_t(m_batch.tokens.size()) + tokensOf(next) > *m_maxTokens : m_units == m_batchSize;
    }

    void add(std::span<const RowPart> unit) {
        for (const RowPart& part : unit)
            m_batch.append(*m_examples.get(part), part.begin, part.end);
        m_units += 1;
    }

    TokenBatch take() {
        m_units = 0;
        return std::exchange(m_batch, {});
    }

private:
    ExampleCache& m_examples;
    int64_t m_batchSize;
    std::optional<int64_t> m_maxTokens;
    TokenBatch m_batch;
    int64_t m_units = 0;
};

constexpr int64_t kMostRowsPacked = int64_t(1) << 23; // to find the longest micro-batch: a few seconds

} // namespace

std::vector<int64_t> fullestBatch(std::span<const int64_t> lengths, std::optional<int64_t> maxTokens) {
    if (!maxTokens || lengths.empty())
        return {lengths.begin(), lengths.end()};
    int64_t left = std::max(lengths.front(), *maxTokens);
    std::vector<int64_t> taken;
    for (std::size_t i = 0; i < lengths.size() && left > 0; ++i) {
        taken.push_back(std::min(lengths[i], left));
        left -= taken.back();
    }
    return taken;
}

void TokenBatch::append(const Example& example, int64_t begin, int64_t end) {
    assert(begin >= 0 && begin < end && end <= int64_t(example.tokens.size()));
    for (int64_t i = begin; i < end; ++i) {
        const auto row = int32_t(tokens.size());
        tokens.push_back(example.tokens[std::size_t(i)]);
        positions.push_back(int32_t(i - begin));
        if (i + 1 < end && example.trained[std::size_t(i + 1)]) {
            targetRows.push_back(row);
            targets.push_back(example.tokens[std::size_t(i + 1)]);
        }
    }
    offsets.push_back(int32_t(tokens.size()));
}

StepPlanner::StepPlanner(const Dataset& dataset, const DatasetScan& scan, std::span<const int64_t> selection,
                         const DataConfig& data, const BatchConfig& batches)
    : m_examples(dataset), m_parts(partsOf(dataset, scan, selection, data.maxLength)), m_maxLength(data.maxLength),
      m_packing(data.packing), m_shuffle(data.shuffle), m_maxTokensPerBatch(data.maxTokensPerBatch),
      m_batches(batches) {
    if (batches.batchSize < 1 || batches.gradientAccumulationSteps < 1)
        fail(ErrorCode::BadConfig,
             "training: batch_size is {} and gradient_accumulation_steps is {}, both are 1 or more", batches.batchSize,
             batches.gradientAccumulationSteps);
    if (m_parts.empty())
        fail(ErrorCode::BadFile, "{}: there is no row to train on", dataset.reader().path().filename().string());
}

void StepPlanner::prepareEpoch(int64_t epoch) {
    if (m_epoch == epoch)
        return;
    std::vector<RowPart> ordered;
    if (m_shuffle) {
        const RandomStream random{m_batches.seed, RandomPurpose::Shuffle, 0, uint32_t(epoch)};
        ordered.reserve(m_parts.size());
        for (const int64_t i : randomOrder(int64_t(m_parts.size()), random))
            ordered.push_back(m_parts[std::size_t(i)]);
    } else {
        ordered = m_parts;
    }
    if (m_packing) {
        m_units = packFirstFit(ordered, m_maxLength);
    } else {
        m_units.offsets.resize(ordered.size() + 1);
        std::iota(m_units.offsets.begin(), m_units.offsets.end(), int64_t(0));
        m_units.parts = std::move(ordered);
    }
    m_tokensBefore.assign(1, 0);
    for (int64_t unit = 0; unit < m_units.size(); ++unit) {
        int64_t tokens = m_tokensBefore.back();
        for (const RowPart& part : m_units[unit])
            tokens += part.length();
        m_tokensBefore.push_back(tokens);
    }
    m_epoch = epoch;
}

int64_t StepPlanner::unitsPerStep() const {
    return m_batches.batchSize * m_batches.gradientAccumulationSteps;
}

int64_t StepPlanner::stepsInEpoch(int64_t epoch) {
    // Without packing the order does not matter to the count.
    if (m_packing)
        prepareEpoch(epoch);
    const int64_t units = m_packing ? m_units.size() : int64_t(m_parts.size());
    return (units + unitsPerStep() - 1) / unitsPerStep();
}

double StepPlanner::epochsUntil(const DataCursor& cursor) {
    if (cursor.position == 0) // the epoch need not be prepared yet
        return double(cursor.epoch);
    prepareEpoch(cursor.epoch);
    return double(cursor.epoch) + double(cursor.position) / double(m_units.size());
}

int64_t StepPlanner::tokensAhead(const DataCursor& cursor, int64_t steps) {
    if (steps <= 0)
        return 0;
    prepareEpoch(cursor.epoch);
    const int64_t begin = std::min(cursor.position, m_units.size());
    const int64_t here = (m_units.size() - begin + unitsPerStep() - 1) / unitsPerStep();
    const int64_t end = steps < here ? begin + steps * unitsPerStep() : m_units.size();
    const int64_t later = std::max<int64_t>(steps - here, 0);
    const double epochs = double(later) / double(stepsInEpoch(cursor.epoch));
    return m_tokensBefore[std::size_t(end)] - m_tokensBefore[std::size_t(begin)] +
           int64_t(epochs * double(m_tokensBefore.back()));
}

StepData StepPlanner::next(DataCursor& cursor) {
    prepareEpoch(cursor.epoch);
    if (cursor.position < 0 || cursor.position >= m_units.size())
        fail(ErrorCode::InvalidArgument, "data cursor: position {} in an epoch of {} rows or packs", cursor.position,
             m_units.size());
    const int64_t end = std::min(cursor.position + unitsPerStep(), m_units.size());
    StepData step;
    MicroBatchCutter cutter(m_examples, m_batches.batchSize, m_maxTokensPerBatch);
    for (int64_t i = cursor.position; i < end; ++i) {
        if (cutter.isFull(m_units[i]))
            step.microBatches.push_back(cutter.take());
        cutter.add(m_units[i]);
    }
    step.microBatches.push_back(cutter.take());
    for (const TokenBatch& batch : step.microBatches) {
        step.tokens += int64_t(batch.tokens.size());
        step.trainedTokens += int64_t(batch.targets.size());
    }
    step.endsEpoch = end == m_units.size();
    cursor = step.endsEpoch ? DataCursor{cursor.epoch + 1, 0} : DataCursor{cursor.epoch, end};
    return step;
}

std::vector<int64_t> StepPlanner::longestUnits() const {
    std::vector<int64_t> order(std::size_t(m_units.size()));
    std::iota(order.begin(), order.end(), int64_t(0));
    std::stable_sort(order.begin(), order.end(),
                     [&](int64_t a, int64_t b) { return tokensOf(m_units[a]) > tokensOf(m_units[b]); });
    order.resize(std::size_t(std::min(m_units.size(), m_maxTokensPerBatch ? unitsPerStep() : m_batches.batchSize)));
    return order;
}

std::vector<int64_t> StepPlanner::fullestOf(std::span<const int64_t> units) const {
    std::vector<int64_t> lengths;
    for (const int64_t unit : units)
        lengths.push_back(tokensOf(m_units[unit]));
    return fullestBatch(lengths, m_maxTokensPerBatch);
}

TokenBatch StepPlanner::longestMicroBatch(int64_t steps) {
    const int64_t epochs = m_packing && m_shuffle ? std::max<int64_t>(1, kMostRowsPacked / int64_t(m_parts.size())) : 1;
    int64_t longest = 0, tokens = -1;
    for (int64_t epoch = 0; epoch == 0 || (steps > 0 && epoch < epochs); ++epoch) {
        prepareEpoch(epoch);
        steps -= stepsInEpoch(epoch);
        const std::vector<int64_t> lengths = fullestOf(longestUnits());
        const int64_t sum = std::accumulate(lengths.begin(), lengths.end(), int64_t(0));
        if (sum > tokens) {
            tokens = sum;
            longest = epoch;
        }
    }
    prepareEpoch(longest);
    const std::vector<int64_t> units = longestUnits();
    const std::vector<int64_t> lengths = fullestOf(units);
    TokenBatch batch;
    for (std::size_t i = 0; i < lengths.size(); ++i) {
        // Of a row that is cut the end is kept: what is trained comes last.
        int64_t skipped = tokensOf(m_units[units[i]]) - lengths[i];
        for (const RowPart& part : m_units[units[i]]) {
            const int64_t begin = part.begin + std::min(skipped, part.length());
            skipped -= begin - part.begin;
            if (begin < part.end)
                batch.append(*m_examples.get(part), begin, part.end);
        }
    }
    return batch;
}

void forEachEvaluationBatch(const Dataset& dataset, const DatasetScan& scan, std::span<const int64_t> selection,
                            const DataConfig& data, int64_t batchSize, FunctionRef<void(const TokenBatch&)> use) {
    ExampleCache examples(dataset);
    MicroBatchCutter cutter(examples, std::max<int64_t>(batchSize, 1), data.maxTokensPerBatch);
    const std::vector<RowPart> parts = partsOf(dataset, scan, selection, data.maxLength);
    for (const RowPart& part : parts) {
        if (cutter.isFull({&part, 1}))
            use(cutter.take());
        cutter.add({&part, 1});
    }
    if (!parts.empty())
        use(cutter.take());
}

} // namespace lorikeet
