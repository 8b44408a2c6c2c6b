// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/base/function_ref.h"
#include "core/data/dataset.h"
#include "core/data/example_cache.h"
#include "core/data/row_order.h"

namespace lorikeet {

/// A micro-batch in host memory: S sequences of T tokens in all, end to end, without padding.
struct TokenBatch {
    std::vector<TokenId> tokens;     ///< T
    std::vector<int32_t> positions;  ///< T, from 0 within each sequence
    std::vector<int32_t> offsets{0}; ///< S + 1: sequence s is tokens [offsets[s], offsets[s + 1])
    std::vector<int32_t> targetRows; ///< ascending p: the token after p in p's sequence is trained
    std::vector<TokenId> targets;    ///< targets[i] is the token after targetRows[i]

    int64_t sequences() const { return int64_t(offsets.size()) - 1; }
    /// Adds a sequence: tokens [begin, end) of the example. The first of them is not a target here.
    void append(const Example& example, int64_t begin, int64_t end);
    bool operator==(const TokenBatch&) const = default;
};

/// Where training is in its data: all that a resume needs to go on.
struct DataCursor {
    int64_t epoch = 0;
    int64_t position = 0; ///< rows, or packs, of this epoch that have been used

    bool operator==(const DataCursor&) const = default;
};

/// How rows become steps.
struct BatchConfig {
    int64_t batchSize = 4; ///< rows (packs, where packing) of a micro-batch
    int64_t gradientAccumulationSteps = 4;
    uint64_t seed = 42;
};

/// The data of one optimizer step. The loss of the step is the mean over trainedTokens.
struct StepData {
    std::vector<TokenBatch> microBatches;
    int64_t tokens = 0, trainedTokens = 0;
    bool endsEpoch = false;
};

/// The sequences of the fullest micro-batch that rows (or packs) of these lengths, descending, can make: all of them
/// or, with `maxTokens`, as many tokens as stay within it, but at least the longest. Others than the longest rows may
/// fill it better, so the last of these is cut to fill it. (More rows of as many tokens need some more workspace.)
std::vector<int64_t> fullestBatch(std::span<const int64_t> lengths, std::optional<int64_t> maxTokens);

/// Cuts a dataset into optimizer steps of batchSize * gradientAccumulationSteps rows; the last step of an epoch has
/// what is left. Each epoch has an order of its own, by the seed. Micro-batches have batchSize rows or, with
/// max_tokens_per_batch, as many rows in order as stay within it, but at least one. Not thread-safe.
class StepPlanner {
public:
    /// Uses the rows scan.usedRows[i] for the i in `selection`, or all where that is empty. The dataset must outlive
    /// it; there must be at least one row.
    StepPlanner(const Dataset& dataset, const DatasetScan& scan, std::span<const int64_t> selection,
                const DataConfig& data, const BatchConfig& batches);

    /// The steps of an epoch (with packing, epochs can differ by a little).
    int64_t stepsInEpoch(int64_t epoch);
    /// Epochs up to the cursor: 1.25 after a quarter of the second.
    double epochsUntil(const DataCursor& cursor);
    /// Tokens of the `steps` steps from the cursor on: exact within its epoch, on average in later ones.
    int64_t tokensAhead(const DataCursor& cursor, int64_t steps);
    /// The step at the cursor, which moves on past it, into the next epoch where this one ends.
    StepData next(DataCursor& cursor);
    /// The longest micro-batch of `steps` steps, whatever the order within their epochs: the fullest of the longest
    /// rows that come together, or of the longest packs of an epoch. (Packs are made anew in each; they are looked at
    /// for up to some million rows.) With max_tokens_per_batch the last row may be cut: no micro-batch has more tokens.
    TokenBatch longestMicroBatch(int64_t steps);

private:
    void prepareEpoch(int64_t epoch);
    /// Of the epoch that is prepared: as many units, the longest first, as a micro-batch could have.
    std::vector<int64_t> longestUnits() const;
    /// Of these units, what the fullest micro-batch takes of each.
    std::vector<int64_t> fullestOf(std::span<const int64_t> units) const;
    int64_t unitsPerStep() const;

    ExampleCache m_examples;
    std::vector<RowPart> m_parts; ///< rows, or what they are split into, in file order
    int64_t m_maxLength;
    bool m_packing, m_shuffle;
    std::optional<int64_t> m_maxTokensPerBatch;
    BatchConfig m_batches;
    std::optional<int64_t> m_epoch;      ///< the one that what follows is of
    PartGroups m_units;                  ///< in the order of use: a row each, or with packing a pack each
    std::vector<int64_t> m_tokensBefore; ///< each unit and, last, the end of the epoch
};

/// Hands the rows scan.usedRows[i], i in `selection` (all where empty), to `use` in file order, in micro-batches as
/// above. Nothing is packed.
void forEachEvaluationBatch(const Dataset& dataset, const DatasetScan& scan, std::span<const int64_t> selection,
                            const DataConfig& data, int64_t batchSize, FunctionRef<void(const TokenBatch&)> use);

} // namespace lorikeet
