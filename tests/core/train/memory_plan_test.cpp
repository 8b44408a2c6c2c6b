// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/memory_plan.h"

#include <cmath>
#include <fstream>

#include <gtest/gtest.h>

#include "core/backend/workspace_sizes.h"
#include "core/base/random.h"
#include "core/base/thread_pool.h"
#include "tests/core/train/training_fixture.h"
#include "tests/support/errors.h"

namespace lorikeet {
namespace {

struct PlanCase {
    QuantType quantization;
    DType computeType;
    bool checkpointing;
    double dropout;
    int batchSize;
};

class MemoryPlan : public testing::TestWithParam<PlanCase> {};

TEST_P(MemoryPlan, IsWhatTheLedgerShowsAfterwards) {
    const PlanCase& one = GetParam();
    RunConfig config = goldenConfig();
    config.quantization.type = one.quantization;
    config.computeType = one.computeType;
    config.lora = {};
    config.lora.dropout = one.dropout;
    config.lora.useDora = one.dropout > 0.0; // half of the cases
    if (one.checkpointing)
        config.lora.modulesToSave = {"lm_head", "norm", "down_proj"};
    config.training.gradientCheckpointing = one.checkpointing;
    config.training.batchSize = one.batchSize;
    config.training.maxSteps = 11;

    const TemporaryFolder folder;
    CpuBackend backend(1);
    TinyRun run(backend, config);
    backend.ledger().resetPeak();
    const MemoryByTag actual = run.train(folder.path()).peak;

    // The rehearsal takes it before the first step.
    const TokenBatch longest = run.planner().longestMicroBatch(11);
    BatchSizes largest{.lengths = {}, .targets = int64_t(longest.targets.size())};
    for (std::size_t s = 0; s + 1 < longest.offsets.size(); ++s)
        largest.lengths.push_back(longest.offsets[s + 1] - longest.offsets[s]);
    const MemoryByTag plan =
        planMemory(run.base().config(), StoredType::F32, config, {largest}, backend.workspaceSizes().get());
    for (const MemoryTag tag :
         {MemoryTag::Weights, MemoryTag::QuantState, MemoryTag::Adapters, MemoryTag::Gradients, MemoryTag::Optimizer})
        EXPECT_EQ(plan[tag], actual[tag]) << memoryTagName(tag);
    EXPECT_NEAR(double(plan.total()), double(actual.total()), 0.05 * double(actual.total()));
}

INSTANTIATE_TEST_SUITE_P(Shapes, MemoryPlan,
                         testing::Values(PlanCase{QuantType::Nf4, DType::BF16, true, 0.0, 2},
                                         PlanCase{QuantType::Nf4, DType::BF16, false, 0.1, 4},
                                         PlanCase{QuantType::None, DType::F32, true, 0.1, 1},
                                         PlanCase{QuantType::Int8, DType::F32, false, 0.0, 3}));

TEST(LargestBatch, TakesTheLongestRows) {
    RunConfig config;
    config.training.batchSize = 2;
    const std::vector<int32_t> lengths = {5, 9, 3, 8};
    BatchSizes batch = largestBatch(lengths, config);
    EXPECT_EQ(batch.lengths, (std::vector<int64_t>{9, 8}));
    EXPECT_EQ(batch.targets, 15);
    config.data.maxTokensPerBatch = 23;
    EXPECT_EQ(largestBatch(lengths, config).lengths, (std::vector<int64_t>{9, 8, 5, 1})) << "the last one is cut";
    config.training.accumulationSteps = 1;
    EXPECT_EQ(largestBatch(lengths, config).lengths, (std::vector<int64_t>{9, 8})) << "a step has no more rows";
    EXPECT_EQ(largestEvaluationBatch(lengths, config).lengths, (std::vector<int64_t>{9, 8, 5, 1}));
    config.data.maxTokensPerBatch = 4;
    EXPECT_EQ(largestBatch(lengths, config).lengths, std::vector<int64_t>{9});
    EXPECT_EQ(largestBatch({}, RunConfig{}).tokens(), 4 * 512);
    RunConfig unknown;
    unknown.data.maxTokensPerBatch = 5000;
    EXPECT_EQ(largestBatch({}, unknown).tokens(), 5000) << "a step has 16 rows";
    unknown.data.maxTokensPerBatch = 1'000'000'000;
    EXPECT_EQ(largestBatch({}, unknown).tokens(), 16 * 512);
}

TEST(LargestBatch, NamesTheSettingThatMakesItTooLarge) {
    const auto messageFor = [](const auto& change) {
        RunConfig config;
        config.data.packing = true;
        change(config);
        return errorOf([&] { largestBatch(std::vector<int32_t>{100}, config); }).message();
    };
    EXPECT_TRUE(messageFor([](RunConfig& run) {
                    run.training.batchSize = 2147483647;
                }).starts_with("training.batch_size is 2147483647"));
    EXPECT_TRUE(
        messageFor([](RunConfig& run) { run.data.maxLength = 16777216; }).starts_with("data.max_length is 16777216"));
    EXPECT_TRUE(messageFor([](RunConfig& run) {
                    run.training.accumulationSteps = 2147483647;
                    run.data.maxTokensPerBatch = int64_t(1) << 62;
                }).starts_with("data.max_tokens_per_batch is"));
}

/// Rows of random lengths, few of them long, as real ones are.
TEST(LargestBatch, IsNoSmallerThanAnyMicroBatchAndWhatIsRehearsed) {
    const TemporaryFolder folder;
    const RandomStream random{5, RandomPurpose::Shuffle, 0, 0};
    {
        std::ofstream rows(folder / "rows.jsonl");
        for (uint64_t row = 0; row < 90; ++row) {
            const double share = double(random.uniform(row));
            rows << R"({"text": "7)";
            for (int token = 0; token < int(2.0 + 60.0 * share * share * share); ++token)
                rows << " 8";
            rows << "\"}\n";
        }
    }
    const NumberTokenizer tokenizer;
    RunConfig config;
    config.data.format = RowFormat::Text;
    const Dataset dataset(folder / "rows.jsonl", config.data, tokenizer, nullptr);
    ThreadPool pool(1);
    const DatasetScan scan = scanDataset(dataset, pool, [](int64_t) {});
    int cut = 0;
    for (const std::optional<int64_t> limit : {std::optional<int64_t>(), {10}, {61}, {120}, {333}, {1'000'000'000}})
        for (const int accumulation : {1, 4})
            for (const int rows : {1, 3}) {
                config.data.maxTokensPerBatch = limit;
                config.training.batchSize = rows;
                config.training.accumulationSteps = accumulation;
                StepPlanner planner(dataset, scan, {}, config.data, {rows, accumulation, 42});
                int64_t most = 0;
                for (DataCursor cursor; cursor.epoch < 3;)
                    for (const TokenBatch& batch : planner.next(cursor).microBatches)
                        most = std::max(most, int64_t(batch.tokens.size()));
                const BatchSizes planned = largestBatch(scan.lengths, config);
                EXPECT_GE(planned.tokens(), most) << limit.value_or(0) << " " << rows << " " << accumulation;
                const TokenBatch rehearsed = planner.longestMicroBatch(1);
                EXPECT_EQ(planned.tokens(), int64_t(rehearsed.tokens.size()));
                EXPECT_EQ(planned.lengths.size(), std::size_t(rehearsed.sequences()));
                EXPECT_EQ(planned.targets, int64_t(rehearsed.targets.size()));
                cut += limit && planned.tokens() == *limit;
            }
    EXPECT_GE(cut, 4);
}

TEST(MemoryPlan, SevenBillionParametersNeedWhatThePaperFound) {
    ModelConfig model;
    model.vocabularySize = 32000;
    model.hiddenSize = 4096;
    model.intermediateSize = 11008;
    model.layers = 32;
    model.heads = model.kvHeads = 32;
    model.headDim = 128;
    model.maxPositions = 2048;
    model.windows.assign(32, 0);
    model.rope.rotaryDim = 128;
    model.rope.originalPositions = 2048;
    RunConfig config;
    config.lora.rank = 64;
    config.training.batchSize = 1;
    const MemoryByTag plan = planMemory(model, StoredType::BF16, config, {largestBatch({}, config)});
    // Linear layers 4 bits each and their scales 0.127 bits; embedding and head 16 bits.
    const double linear = 32.0 * (4.0 * 4096 * 4096 + 3.0 * 4096 * 11008);
    EXPECT_NEAR(double(plan[MemoryTag::Weights]), linear / 2 + 2.0 * 2 * 32000 * 4096, 0.01 * linear);
    EXPECT_NEAR(double(plan[MemoryTag::QuantState]), linear * 0.127 / 8, 0.001 * linear);
    // Float32 adapters where the paper had 16 bits (6.9 GB): 160 million parameters, 16 bytes each.
    EXPECT_NEAR(double(plan.total()) / 1e9, 7.0, 0.7);
}

} // namespace
} // namespace lorikeet
