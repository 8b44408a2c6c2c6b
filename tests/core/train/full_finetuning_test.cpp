// SPDX-License-Identifier: GPL-3.0-or-later
// Against transformers and PyTorch: see tests/parity/make_full_goldens.py.
#include <algorithm>
#include <cmath>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/formats/safetensors.h"
#include "core/model/decoder.h"
#include "tests/core/train/training_fixture.h"
#include "tests/support/errors.h"

namespace lorikeet {
namespace {

namespace fs = std::filesystem;

/// max |a - b| / max |b|
double relativeDifference(const std::vector<float>& a, const std::vector<float>& b) {
    double difference = a.size() == b.size() ? 0.0 : INFINITY;
    double largest = 0.0;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        difference = std::max(difference, std::abs(double(a[i]) - double(b[i])));
        largest = std::max(largest, std::abs(double(b[i])));
    }
    return difference / largest;
}

class FullFinetuning : public testing::TestWithParam<std::string> {
protected:
    std::vector<float> golden(const std::string& name) const {
        const TensorRecord& record = m_golden->at(name);
        std::vector<float> values(std::size_t(record.elements()));
        decode(record, 0, values);
        return values;
    }
    std::vector<float> floats(TinyRun& run, const Tensor& tensor) {
        std::vector<float> values(std::size_t(tensor.elements()));
        m_backend.download(run.context(), tensor, values.data());
        return values;
    }
    Storage zeros(TinyRun& run, const Shape& shape) {
        Storage storage = run.context().allocate(DType::F32, shape, MemoryTag::Workspace);
        m_backend.fill(run.context(), storage, 0.0f);
        return storage;
    }
    std::vector<float> logitsOfFirstRow(TinyRun& run) { return logitsOfFirstRow(run, run.base(), &run.adapter()); }
    std::vector<float> logitsOfFirstRow(TinyRun& run, const BaseModel& base, const LoraAdapter* adapter) {
        const std::vector<float> ids = golden("tokens");
        const std::vector<int32_t> tokens(ids.begin(), ids.end());
        std::vector<int32_t> rows(tokens.size());
        std::iota(rows.begin(), rows.end(), 0);
        const std::vector<int32_t> offsets = {0, int32_t(tokens.size())}, targets(tokens.size(), 0);
        const int vocabulary = base.config().vocabularySize;
        const DeviceBatch batch = uploadBatch(run.context(), {tokens, offsets, {}, rows, targets}, vocabulary);
        const Storage logits = zeros(run, {int64_t(tokens.size()), vocabulary});
        targetLogits(run.context(), base, adapter, batch, logits);
        return floats(run, logits.view());
    }

    CpuBackend m_backend{2};
    RunConfig m_config = goldenFullConfig(GetParam());
    std::unique_ptr<TensorFile> m_golden = openSafetensors(fs::path(m_config.model) / "golden.safetensors");
    TemporaryFolder m_folder;
};

TEST_P(FullFinetuning, LogitsEqualTransformers) {
    TinyRun run(m_backend, m_config);
    EXPECT_LT(relativeDifference(logitsOfFirstRow(run), golden("logits")), 1e-5);
}

TEST_P(FullFinetuning, EveryGradientOfTheFirstStepEqualsPyTorch) {
    TinyRun run(m_backend, m_config);
    DataCursor cursor;
    const StepData step = run.planner().next(cursor);
    const Storage loss = zeros(run, {1});
    for (const TokenBatch& batch : step.microBatches) {
        const DeviceBatch onDevice =
            uploadBatch(run.context(), {batch.tokens, batch.offsets, batch.positions, batch.targetRows, batch.targets},
                        run.base().config().vocabularySize);
        lossAndGradients(run.context(), run.base(), run.adapter(), onDevice, 1.0f / float(step.trainedTokens), {},
                         loss);
    }
    std::size_t expected = 0;
    for (const TensorRecord& record : m_golden->tensors())
        expected += record.name.starts_with("grad.") ? 1 : 0;
    EXPECT_EQ(run.adapter().parameters().size(), expected);
    double worst = 0.0;
    for (const Parameter& parameter : run.adapter().parameters()) {
        const double difference =
            relativeDifference(floats(run, parameter.gradient.view()), golden("grad." + parameter.name));
        EXPECT_LT(difference, 1e-4) << parameter.name;
        worst = std::max(worst, difference);
    }
    RecordProperty("worst", std::to_string(worst * 1e9) + "e-9");
}

TEST_P(FullFinetuning, FiveStepsOfAdamWEqualPyTorch) {
    for (const bool checkpointing : {false, true}) {
        m_config.training.gradientCheckpointing = checkpointing;
        TinyRun run(m_backend, m_config);
        EXPECT_EQ(run.train(m_folder.path()).outcome, RunOutcome::Finished);
        const auto expected = nlohmann::json::parse(readTextFile(fs::path(m_config.model) / "steps.json"));
        const std::vector<StepEvent> steps = run.steps();
        ASSERT_EQ(steps.size(), expected.size());
        for (std::size_t i = 0; i < steps.size(); ++i) {
            EXPECT_NEAR(steps[i].loss, double(expected[i].at("loss")), 2e-5) << "step " << i + 1;
            EXPECT_NEAR(steps[i].gradNorm, double(expected[i].at("grad_norm")), 2e-5) << "step " << i + 1;
        }
        for (const Parameter& parameter : run.adapter().parameters())
            EXPECT_LT(relativeDifference(floats(run, parameter.value.view()), golden("after." + parameter.name)), 1e-4)
                << parameter.name;
    }
}

TEST_P(FullFinetuning, WhatItLeavesIsAModelThatOpensWithTheSameLogits) {
    m_config.every.save = 2;
    TinyRun run(m_backend, m_config);
    const EndEvent end = run.train(m_folder.path());
    EXPECT_FALSE(end.adapter);
    ASSERT_EQ(end.model, m_folder / "model");
    EXPECT_TRUE(isModelFolder(*end.model));
    EXPECT_EQ(readTrainedOver(*end.model)->model, "tiny");
    EXPECT_TRUE(fs::exists(m_folder / "checkpoints" / "step-4" / "model.safetensors"));
    EXPECT_EQ(readSafetensorsMetadata(*end.model / "model.safetensors").at("format"), "pt");

    RunConfig config = m_config;
    config.model = end.model->string();
    TinyRun again(m_backend, config);
    EXPECT_EQ(again.parameterValues(), run.parameterValues());
    LoadOptions options;
    options.computeType = DType::F32;
    const auto base = BaseModel::load(run.context(), *end.model, options);
    EXPECT_EQ(logitsOfFirstRow(run, *base, nullptr), logitsOfFirstRow(run));
}

INSTANTIATE_TEST_SUITE_P(Models, FullFinetuning, testing::Values("llama_tied", "qwen2_biases"),
                         [](const auto& instance) { return instance.param; });

TEST(FullFinetuningFiles, ACheckpointOfAnotherModelIsRefused) {
    CpuBackend backend(1);
    RunConfig config = goldenFullConfig("llama_tied");
    TinyRun run(backend, config);
    const TemporaryFolder folder;
    run.adapter().saveWhole(run.context(), folder.path());
    TinyRun other(backend, goldenFullConfig("qwen2_biases"));
    expectError(ErrorCode::BadFile, "tensors", [&] { other.adapter().restoreWhole(other.context(), folder.path()); });
}

} // namespace
} // namespace lorikeet
