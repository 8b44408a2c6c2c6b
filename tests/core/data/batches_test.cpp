// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/batches.h"

#include <algorithm>
#include <set>

#include <gmock/gmock.h>

#include "tests/core/data/data_test.h"

namespace lorikeet {
namespace {

using testing::ElementsAre;

/// Rows "a", "bb", "ccc", ... of text without bos and eos, so that a row's length and content tell which it is.
class BatchesTest : public DataTest {
protected:
    BatchesTest() : m_plain(false, false) {}

    Dataset rowsUpTo(int count, const DataConfig& config) {
        std::string rows;
        for (int i = 1; i <= count; ++i)
            rows += "{\"text\":\"" + std::string(std::size_t(i), char('a' + i - 1)) + "\"}\n";
        return Dataset(write("rows.jsonl", rows), config, m_plain, nullptr);
    }

    /// The sequences of a micro-batch, as text.
    std::vector<std::string> sequences(const TokenBatch& batch) {
        std::vector<std::string> texts;
        for (std::size_t s = 0; s + 1 < batch.offsets.size(); ++s)
            texts.push_back(m_plain.decode(
                std::span(batch.tokens)
                    .subspan(std::size_t(batch.offsets[s]), std::size_t(batch.offsets[s + 1] - batch.offsets[s])),
                true));
        return texts;
    }

    std::vector<std::string> sequences(const StepData& step) {
        std::vector<std::string> texts;
        for (const TokenBatch& batch : step.microBatches)
            for (const std::string& text : sequences(batch))
                texts.push_back(text);
        return texts;
    }

    ByteTokenizer m_plain;
};

DataConfig inOrder() {
    DataConfig config;
    config.shuffle = false;
    return config;
}

TEST(TokenBatch, PutsSequencesEndToEndWithPositionsAndTargetsWithinEach) {
    TokenBatch batch;
    batch.append({{10, 11, 12}, {0, 0, 1}, 3, false}, 0, 3);
    batch.append({{20, 21, 22, 23}, {0, 1, 0, 1}, 4, false}, 0, 4);
    EXPECT_THAT(batch.tokens, ElementsAre(10, 11, 12, 20, 21, 22, 23));
    EXPECT_THAT(batch.positions, ElementsAre(0, 1, 2, 0, 1, 2, 3));
    EXPECT_THAT(batch.offsets, ElementsAre(0, 3, 7));
    EXPECT_THAT(batch.targetRows, ElementsAre(1, 3, 5));
    EXPECT_THAT(batch.targets, ElementsAre(12, 21, 23));
    EXPECT_EQ(batch.sequences(), 2);
}

TEST(TokenBatch, TrainsNothingAcrossTheEndsOfAPart) {
    TokenBatch batch;
    batch.append({{10, 11, 12, 13, 14}, {0, 1, 1, 1, 1}, 5, false}, 2, 4);
    EXPECT_THAT(batch.tokens, ElementsAre(12, 13));
    EXPECT_THAT(batch.positions, ElementsAre(0, 1));
    EXPECT_THAT(batch.targetRows, ElementsAre(0));
    EXPECT_THAT(batch.targets, ElementsAre(13));
}

TEST_F(BatchesTest, CutsRowsIntoMicroBatchesAndEndsAnEpochWithWhatIsLeft) {
    const DataConfig config = inOrder();
    const Dataset dataset = rowsUpTo(8, config); // "a" has nothing to train: 7 rows remain
    const DatasetScan scanned = scan(dataset);
    StepPlanner planner(dataset, scanned, {}, config, {2, 2, 42});
    EXPECT_EQ(planner.stepsInEpoch(0), 2);
    DataCursor cursor;
    const StepData first = planner.next(cursor);
    EXPECT_EQ(cursor, (DataCursor{0, 4}));
    ASSERT_EQ(first.microBatches.size(), 2u);
    EXPECT_THAT(sequences(first.microBatches[0]), ElementsAre("bb", "ccc"));
    EXPECT_THAT(sequences(first.microBatches[1]), ElementsAre("dddd", "eeeee"));
    EXPECT_EQ(first.tokens, 14);
    EXPECT_EQ(first.trainedTokens, 10);
    EXPECT_FALSE(first.endsEpoch);
    const StepData second = planner.next(cursor);
    EXPECT_THAT(sequences(second), ElementsAre("ffffff", "ggggggg", "hhhhhhhh"));
    EXPECT_TRUE(second.endsEpoch);
    EXPECT_EQ(cursor, (DataCursor{1, 0}));
    EXPECT_THAT(sequences(planner.next(cursor)), ElementsAre("bb", "ccc", "dddd", "eeeee"));
}

TEST_F(BatchesTest, ShuffledEpochsHoldEveryRowOnceAndDiffer) {
    DataConfig config;
    const Dataset dataset = rowsUpTo(25, config);
    const DatasetScan scanned = scan(dataset);
    StepPlanner planner(dataset, scanned, {}, config, {3, 2, 42});
    DataCursor cursor;
    std::vector<std::vector<std::string>> epochs(2);
    while (cursor.epoch < 2) {
        auto& epoch = epochs[std::size_t(cursor.epoch)];
        for (const std::string& text : sequences(planner.next(cursor)))
            epoch.push_back(text);
    }
    EXPECT_EQ(std::set<std::string>(epochs[0].begin(), epochs[0].end()).size(), 24u);
    EXPECT_NE(epochs[0], epochs[1]);
    std::sort(epochs[0].begin(), epochs[0].end());
    std::sort(epochs[1].begin(), epochs[1].end());
    EXPECT_EQ(epochs[0], epochs[1]);
}

TEST_F(BatchesTest, KnowsTheTokensAhead) {
    for (const bool packing : {false, true}) {
        DataConfig config;
        config.packing = packing;
        const Dataset dataset = rowsUpTo(25, config);
        const DatasetScan scanned = scan(dataset);
        StepPlanner planner(dataset, scanned, {}, config, {packing ? 1 : 3, 1, 42});
        const int64_t steps = planner.stepsInEpoch(0);
        DataCursor cursor;
        std::vector<int64_t> ahead, tokens;
        while (cursor.epoch == 0) {
            ahead.push_back(planner.tokensAhead(cursor, steps - int64_t(tokens.size())));
            EXPECT_EQ(planner.tokensAhead(cursor, 0), 0);
            const DataCursor before = cursor;
            tokens.push_back(planner.next(cursor).tokens);
            EXPECT_EQ(planner.tokensAhead(before, 1), tokens.back());
        }
        int64_t left = 0;
        for (std::size_t i = tokens.size(); i-- > 0;)
            EXPECT_EQ(ahead[i], left += tokens[i]) << i;
        EXPECT_EQ(planner.tokensAhead({0, 0}, 3 * steps), 3 * left) << "each epoch has the same rows";
    }
}

TEST_F(BatchesTest, ANewPlannerGoesOnFromACursorAsTheOldOneWould) {
    for (const bool packing : {false, true}) {
        DataConfig config;
        config.packing = packing;
        config.maxLength = 30;
        const Dataset dataset = rowsUpTo(25, config);
        const DatasetScan scanned = scan(dataset);
        StepPlanner original(dataset, scanned, {}, config, {2, 1, 7});
        DataCursor cursor;
        for (int step = 0; step < 9; ++step)
            original.next(cursor);
        DataCursor resumed = cursor;
        StepPlanner other(dataset, scanned, {}, config, {2, 1, 7});
        for (int step = 0; step < 9; ++step)
            ASSERT_EQ(other.next(resumed).microBatches, original.next(cursor).microBatches) << packing << step;
        EXPECT_EQ(resumed, cursor);
    }
}

TEST_F(BatchesTest, MaxTokensCutsMicroBatchesButNotSteps) {
    DataConfig config = inOrder();
    const Dataset dataset = rowsUpTo(9, config);
    const DatasetScan scanned = scan(dataset);
    StepPlanner byRows(dataset, scanned, {}, config, {2, 2, 42});
    config.maxTokensPerBatch = 7;
    StepPlanner byTokens(dataset, scanned, {}, config, {2, 2, 42});
    DataCursor cursor, other;
    const StepData first = byTokens.next(cursor);
    ASSERT_EQ(first.microBatches.size(), 3u);
    EXPECT_THAT(sequences(first.microBatches[0]), ElementsAre("bb", "ccc"));
    EXPECT_THAT(sequences(first.microBatches[1]), ElementsAre("dddd"));
    EXPECT_EQ(sequences(first), sequences(byRows.next(other)));
    const StepData second = byTokens.next(cursor);
    EXPECT_EQ(second.microBatches.size(), 4u) << "a row that is larger than the limit has a micro-batch of its own";
    EXPECT_EQ(sequences(second), sequences(byRows.next(other)));
    EXPECT_EQ(cursor, other);
}

TEST_F(BatchesTest, PacksCountAsRowsOfABatchAndSplitLongText) {
    DataConfig config = inOrder();
    config.packing = true;
    config.maxLength = 5;
    const Dataset dataset = rowsUpTo(6, config);
    const DatasetScan scanned = scan(dataset);
    EXPECT_EQ(scanned.summary.truncatedRows, 0);
    EXPECT_EQ(scanned.summary.longest, 5);
    EXPECT_THAT(scanned.lengths, ElementsAre(2, 3, 4, 5, 5));
    EXPECT_THAT(scanned.fullLengths, ElementsAre(2, 3, 4, 5, 6));
    StepPlanner planner(dataset, scanned, {}, config, {2, 1, 42});
    // In order: bb, ccc, dddd, eeeee, fffff and a single f, which has nothing to train.
    EXPECT_EQ(planner.stepsInEpoch(0), 2);
    DataCursor cursor;
    EXPECT_THAT(sequences(planner.next(cursor).microBatches.at(0)), ElementsAre("bb", "ccc", "dddd"));
    EXPECT_THAT(sequences(planner.next(cursor).microBatches.at(0)), ElementsAre("eeeee", "fffff"));
}

TEST(ExampleCache, MakesARowThatIsSplitOnceAsLongAsItIsAmongTheKept) {
    /// Counts the texts that it is asked to encode.
    class CountingTokenizer final : public ByteTokenizer {
    public:
        CountingTokenizer() : ByteTokenizer(false, false) {}
        std::vector<TokenId> encode(std::string_view text, EncodeOptions options) const override {
            encoded += 1;
            return ByteTokenizer::encode(text, options);
        }
        mutable int encoded = 0;
    };
    const TemporaryFolder folder;
    std::ofstream(folder / "rows.jsonl") << "{\"text\":\"aaaaaaaaaa\"}\n{\"text\":\"bbbbbbbbbb\"}\n{\"text\":\"c\"}\n";
    DataConfig config;
    config.packing = true;
    const CountingTokenizer tokenizer;
    const Dataset dataset(folder / "rows.jsonl", config, tokenizer, nullptr);
    ExampleCache cache(dataset, 15);
    const auto encodedAfter = [&](const RowPart& part) {
        EXPECT_EQ(cache.get(part)->tokens.at(0), TokenId("abc"[part.row]));
        return tokenizer.encoded;
    };
    EXPECT_EQ(encodedAfter({0, 0, 5}), 1);
    EXPECT_EQ(encodedAfter({0, 5, 10}), 1);
    EXPECT_EQ(encodedAfter({2, 0, 1}), 2);
    EXPECT_EQ(encodedAfter({2, 0, 1}), 3) << "a whole row comes once an epoch: not kept";
    EXPECT_EQ(encodedAfter({1, 0, 5}), 4);
    EXPECT_EQ(encodedAfter({1, 5, 10}), 4);
    EXPECT_EQ(encodedAfter({0, 0, 5}), 5) << "both do not fit: the older one has gone";
}

TEST_F(BatchesTest, NoEpochHasALongerMicroBatchThanTheLongest) {
    DataConfig config;
    config.packing = true;
    config.maxLength = 13;
    const Dataset dataset = rowsUpTo(12, config);
    const DatasetScan scanned = scan(dataset);
    int laterIsLonger = 0;
    for (const uint64_t seed : {1, 2, 3, 4, 5, 6}) {
        StepPlanner planner(dataset, scanned, {}, config, {2, 1, seed});
        std::size_t inFirst = 0, inAll = 0;
        int64_t steps = 0;
        for (DataCursor cursor; cursor.epoch < 20; ++steps)
            for (const int64_t epoch = cursor.epoch; const TokenBatch& batch : planner.next(cursor).microBatches) {
                inAll = std::max(inAll, batch.tokens.size());
                inFirst = epoch == 0 ? inAll : inFirst;
            }
        EXPECT_GE(planner.longestMicroBatch(steps).tokens.size(), inAll) << "seed " << seed;
        laterIsLonger += planner.longestMicroBatch(1).tokens.size() < inAll;
    }
    EXPECT_GT(laterIsLonger, 0) << "looking at the first epoch would do";
}

TEST_F(BatchesTest, UsesOnlyTheSelectedRows) {
    const DataConfig config = inOrder();
    const Dataset dataset = rowsUpTo(8, config);
    const DatasetScan scanned = scan(dataset);
    const std::vector<int64_t> selection{1, 3};
    StepPlanner planner(dataset, scanned, selection, config, {4, 1, 42});
    DataCursor cursor;
    EXPECT_THAT(sequences(planner.next(cursor)), ElementsAre("ccc", "eeeee"));
    std::vector<std::string> evaluated;
    forEachEvaluationBatch(dataset, scanned, selection, config, 1, [&](const TokenBatch& batch) {
        EXPECT_EQ(batch.sequences(), 1);
        evaluated.push_back(sequences(batch)[0]);
    });
    EXPECT_THAT(evaluated, ElementsAre("ccc", "eeeee"));
}

TEST_F(BatchesTest, RefusesACursorBeyondTheEpochAndSizesBelowOne) {
    const DataConfig config = inOrder();
    const Dataset dataset = rowsUpTo(8, config);
    const DatasetScan scanned = scan(dataset);
    StepPlanner planner(dataset, scanned, {}, config, {2, 2, 42});
    DataCursor cursor{0, 7};
    messageOf(ErrorCode::InvalidArgument, [&] { planner.next(cursor); });
    EXPECT_NE(messageOf(ErrorCode::BadConfig,
                        [&] {
                            StepPlanner(dataset, scanned, {}, config, {0, 2, 42});
                        }),
              "nothing was thrown");
}

} // namespace
} // namespace lorikeet
