// SPDX-License-Identifier: GPL-3.0-or-later
// Against transformers and PEFT: see tests/parity/make_model_goldens.py.
#include <gtest/gtest.h>

#include "core/model/model_files.h"
#include "tests/core/model/golden_model.h"
#include "tests/support/measured.h"
#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

class Parity : public testing::TestWithParam<std::string> {
protected:
    std::vector<float> logits(const BaseModel& model, const LoraAdapter* adapter) const {
        const DeviceBatch batch = golden.allRows(*device, model.config());
        const Storage result = device.zeros({batch.tokenCount(), model.config().vocabularySize});
        targetLogits(*device, model, adapter, batch, result);
        return device.floats(result);
    }

    TestDevice device;
    GoldenModel golden{GetParam()};
    std::shared_ptr<const BaseModel> base = loadExactly(*device, golden.folder());
};

TEST_P(Parity, LogitsEqualTransformers) {
    expectMeasured("logits", relativeDifference(logits(*base, nullptr), golden.values("base_logits")), 1e-5);
}

TEST_P(Parity, LogitsWithAnAdapterThatPeftWroteEqualPeft) {
    const LoraAdapter adapter = LoraAdapter::load(*device, base->config(), golden.folder() / "adapter", false);
    expectMeasured("logits", relativeDifference(logits(*base, &adapter), golden.values("logits")), 1e-5);
}

TEST_P(Parity, LossAndEveryAdapterGradientEqualPeft) {
    LoraAdapter adapter = LoraAdapter::load(*device, base->config(), golden.folder() / "adapter", true);
    const DeviceBatch batch = golden.batch(*device, base->config());
    const Storage loss = device.zeros({1});
    lossAndGradients(*device, *base, adapter, batch, 1.0f / float(batch.targetCount()), {}, loss);
    expectMeasured("loss", relativeDifference(device.floats(loss), golden.values("loss")), 1e-5);
    double worst = 0.0;
    for (const Parameter& parameter : adapter.parameters()) {
        const std::vector<float> expected = golden.values("grad.base_model.model." + parameter.name);
        const double difference = relativeDifference(device.floats(parameter.gradient), expected);
        EXPECT_LT(difference, 1e-4) << parameter.name;
        worst = std::max(worst, difference);
    }
    expectMeasured("gradient", worst, 1e-4);
}

TEST_P(Parity, AnAdapterThatWeWroteGivesTheSameLogits) {
    const TemporaryFolder folder;
    const LoraAdapter first = LoraAdapter::load(*device, base->config(), golden.folder() / "adapter", false);
    first.save(*device, folder / "adapter", "tiny");
    const LoraAdapter second = LoraAdapter::load(*device, base->config(), folder / "adapter", false);
    EXPECT_EQ(logits(*base, &second), logits(*base, &first));
}

TEST_P(Parity, LogitsFromGgufEqualTransformers) {
    if (!std::filesystem::exists(golden.folder() / "model.gguf"))
        GTEST_SKIP() << GetParam() << " has no model.gguf";
    const auto fromGguf = loadExactly(*device, golden.folder() / "model.gguf");
    expectMeasured("logits", relativeDifference(logits(*fromGguf, nullptr), golden.values("base_logits")), 1e-5);
}

TEST_P(Parity, EveryWeightTrainedFromGgufBeginsAsTransformers) {
    if (!std::filesystem::exists(golden.folder() / "model.gguf"))
        GTEST_SKIP() << GetParam() << " has no model.gguf";
    const ModelFiles files = openModelFiles(golden.folder() / "model.gguf");
    LoadOptions options;
    options.computeType = DType::F32;
    const LoraAdapter whole = LoraAdapter::whole(*device, files, options, false);
    const std::shared_ptr<const BaseModel> none = BaseModel::withoutWeights(files.config, DType::F32);
    EXPECT_LT(relativeDifference(logits(*none, &whole), golden.values("base_logits")), 1e-5);
}

INSTANTIATE_TEST_SUITE_P(Models, Parity, testing::ValuesIn(goldenModelNames()),
                         [](const auto& param) { return param.param; });

} // namespace
} // namespace lorikeet
