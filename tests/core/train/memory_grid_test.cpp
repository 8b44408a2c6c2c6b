// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "core/backend/workspace_sizes.h"
#include "core/cpu/cpu_backend.h"
#include "core/model/base_tensors.h"
#include "core/train/memory_plan.h"

namespace lorikeet {
namespace {

struct Shape {
    const char* name;
    int vocabulary, hidden, intermediate, layers, heads, kvHeads, headDim;
    bool tied, biases;
};

constexpr Shape kShapes[] = {
    {"tied, grouped queries", 8192, 256, 704, 4, 4, 2, 64, true, false},
    {"wide, one key head, biases", 1000, 320, 2560, 2, 5, 1, 64, false, true},
    {"deep, narrow, heads unlike hidden", 500, 192, 384, 8, 6, 6, 40, false, false},
};

ModelConfig modelOf(const Shape& shape) {
    ModelConfig model;
    model.architecture = "llama";
    model.vocabularySize = shape.vocabulary;
    model.hiddenSize = shape.hidden;
    model.intermediateSize = shape.intermediate;
    model.layers = shape.layers;
    model.heads = shape.heads;
    model.kvHeads = shape.kvHeads;
    model.headDim = shape.headDim;
    model.maxPositions = 1024;
    model.tiedEmbeddings = shape.tied;
    model.queryKeyValueBias = shape.biases;
    model.windows.assign(std::size_t(shape.layers), 0);
    model.rope.rotaryDim = shape.headDim;
    model.rope.originalPositions = 1024;
    return model;
}

struct Setting {
    QuantType quantization;
    DType computeType;
    bool checkpointing;
    double dropout;
    int rank;
    std::vector<int64_t> lengths;
    std::string kernels = "auto";
    int threads = 2;
    OptimizerType optimizer = OptimizerType::AdamW32Bit;
    std::optional<double> budgetMb = {};
    Method method = Method::Lora;
};

/// A full finetuning.
Setting full(DType computeType, bool checkpointing, std::vector<int64_t> lengths, std::string kernels = "auto",
             OptimizerType optimizer = OptimizerType::AdamW32Bit, std::optional<double> budgetMb = {}) {
    return {QuantType::None,    computeType, checkpointing, 0.0,      0,           std::move(lengths),
            std::move(kernels), 2,           optimizer,     budgetMb, Method::Full};
}

/// Every tag of the plan is what the ledger shows once the same has run, to the byte: the peak is of the same moment.
void expectExact(const MemoryByTag& plan, const MemoryByTag& actual, const std::string& what) {
    for (int tag = 0; tag < kMemoryTags; ++tag)
        EXPECT_EQ(plan[MemoryTag(tag)], actual[MemoryTag(tag)]) << what << ": " << memoryTagName(MemoryTag(tag));
    EXPECT_GT(actual[MemoryTag::Workspace], 0) << what;
}

RunConfig configOf(const Setting& setting) {
    RunConfig config;
    config.quantization.type = setting.quantization;
    config.computeType = setting.computeType;
    config.method = setting.method;
    config.lora.rank = setting.rank;
    config.lora.dropout = setting.dropout;
    config.training.gradientCheckpointing = setting.checkpointing;
    config.training.optimizer = setting.optimizer;
    config.training.optimizerBudgetMb = setting.budgetMb;
    return config;
}

BatchSizes batchOf(std::vector<int64_t> lengths) {
    BatchSizes batch{.lengths = std::move(lengths)};
    batch.targets = batch.tokens() - int64_t(batch.lengths.size());
    return batch;
}

class MemoryGrid : public testing::TestWithParam<Setting> {};

TEST_P(MemoryGrid, PlansWhatEachShapeNeeds) {
    const Setting& setting = GetParam();
    const RunConfig config = configOf(setting);
    for (const Shape& shape : kShapes) {
        CpuBackend backend(setting.threads, setting.kernels);
        const RunSizes sizes{batchOf(setting.lengths)};
        const MemoryByTag actual = measureRun(backend, modelOf(shape), StoredType::BF16, config, sizes);
        const MemoryByTag plan =
            planMemory(modelOf(shape), StoredType::BF16, config, sizes, backend.workspaceSizes().get());
        expectExact(plan, actual, shape.name);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Settings, MemoryGrid,
    testing::Values(
        Setting{QuantType::Nf4, DType::BF16, true, 0.0, 16, {100, 120}},
        Setting{QuantType::Nf4, DType::BF16, false, 0.1, 64, {256}},
        Setting{QuantType::Nf4, DType::F32, true, 0.0, 8, {33, 7, 1, 250}, "auto", 1},
        Setting{QuantType::Fp4, DType::F32, false, 0.0, 4, {512}, "auto", 3},
        Setting{QuantType::Int4, DType::BF16, true, 0.1, 2, {20, 20, 20, 20}},
        Setting{QuantType::Int8, DType::F32, true, 0.0, 48, {5}, "auto", 2, OptimizerType::AdamW8Bit},
        Setting{QuantType::Nf4, DType::BF16, true, 0.0, 64, {30}, "auto", 2, OptimizerType::PagedAdamW32Bit, 1.0},
        Setting{QuantType::Nf4, DType::BF16, true, 0.0, 64, {90}, "auto", 2, OptimizerType::PagedAdamW8Bit, 0.25},
        Setting{QuantType::None, DType::BF16, false, 0.0, 16, {64, 64, 65}, "auto", 5},
        Setting{QuantType::None, DType::F32, true, 0.1, 16, {100}, "portable", 2},
        Setting{QuantType::Nf4, DType::BF16, true, 0.0, 33, {40, 90}, "portable", 1},
        full(DType::BF16, true, {100, 120}), full(DType::F32, false, {70, 1, 64}),
        full(DType::F32, true, {300}, "portable"), full(DType::BF16, false, {33}, "auto", OptimizerType::AdamW8Bit),
        full(DType::BF16, true, {90}, "auto", OptimizerType::PagedAdamW32Bit, 4.0),
        full(DType::F32, true, {60}, "auto", OptimizerType::PagedAdamW8Bit, 2.0)));

TEST(MemoryPlan, BooksAFullFinetuningAsWeightsWithGradientsAndMoments) {
    const Setting setting = full(DType::F32, true, {8});
    const ModelConfig model = modelOf(kShapes[0]);
    int64_t values = 0;
    for (const BaseTensor& tensor : baseTensors(model))
        values += baseTensorShape(model, tensor).elements();
    EXPECT_EQ(trainableParameters(model, configOf(setting)), values);
    const MemoryByTag plan = planMemory(model, StoredType::Q8_0, configOf(setting), {batchOf({8})});
    const int64_t rope = 256 * int64_t(model.headDim) * 4; // cosines and sines of the first positions
    EXPECT_EQ(plan[MemoryTag::Weights], 4 * values + rope);
    EXPECT_EQ(plan[MemoryTag::Gradients], 4 * values);
    EXPECT_EQ(plan[MemoryTag::Optimizer], 8 * values);
    EXPECT_EQ(plan[MemoryTag::Adapters], 0);
}

TEST(MemoryPlan, CountsEvaluationsAndSamplesThatAreLargerThanAStep) {
    const Setting setting{QuantType::Nf4, DType::BF16, true, 0.0, 4, {}};
    const RunConfig config = configOf(setting);
    CpuBackend backend(2);
    const auto planned = [&](const RunSizes& sizes) {
        const MemoryByTag actual = measureRun(backend, modelOf(kShapes[0]), StoredType::BF16, config, sizes);
        const MemoryByTag plan =
            planMemory(modelOf(kShapes[0]), StoredType::BF16, config, sizes, backend.workspaceSizes().get());
        expectExact(plan, actual, "sizes");
        return plan;
    };
    const RunSizes step{batchOf({8})};
    RunSizes evaluated = step, sampled = step;
    evaluated.evaluation = batchOf({500, 500});
    sampled.sampleTokens = 1024;
    EXPECT_GT(planned(evaluated)[MemoryTag::Activations], 10 * planned(step)[MemoryTag::Activations]);
    EXPECT_EQ(planned(step)[MemoryTag::KvCache], 0);
    EXPECT_EQ(planned(sampled)[MemoryTag::KvCache], 4 * 2 * 1024 * 2 * 64 * 2);
}

} // namespace
} // namespace lorikeet
