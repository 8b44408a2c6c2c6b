// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include <gtest/gtest.h>

#include "core/base/error.h"
#include "tests/core/model/golden_model.h"

namespace lorikeet {
namespace {

/// Gives every adapter weight a value, B too, so that all gradients differ from zero.
void randomize(const TestDevice& device, LoraAdapter& adapter) {
    uint32_t stream = 0;
    for (const Parameter& parameter : adapter.parameters()) {
        std::vector<float> values(std::size_t(parameter.value.shape().elements()));
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = 0.2f * RandomStream{5, RandomPurpose::AdapterInit, 1000 + stream, 0}.normal(i);
        ++stream;
        device.backend.upload(*device, values.data(), parameter.value);
    }
}

struct StepResult {
    std::vector<float> loss;
    std::vector<std::vector<float>> gradients;
    bool operator==(const StepResult&) const = default;
};

StepResult step(const TestDevice& device, const BaseModel& base, LoraAdapter& adapter, const DeviceBatch& batch,
                const PassOptions& options) {
    adapter.zeroGradients(*device);
    const Storage loss = device.zeros({1});
    lossAndGradients(*device, base, adapter, batch, 1.0f / float(batch.targetCount()), options, loss);
    StepResult result{device.floats(loss), {}};
    for (const Parameter& parameter : adapter.parameters())
        result.gradients.push_back(device.floats(parameter.gradient));
    return result;
}

/// DoRA's gradients take the norms of rows for constants. Added to the loss, this takes their part out of its slope:
/// the sum of factor * (gradient by the magnitude) * norm, with factors and gradients of one point and norms of any.
class NormPart {
public:
    NormPart(const TestDevice& device, const LoraAdapter& adapter) : m_device(device), m_adapter(adapter) {
        forEachPair([&](const LoraPair& pair) {
            m_weights.push_back(device.floats(pair.factors));
            const std::vector<float> gradient = device.floats(pair.magnitude->gradient);
            for (std::size_t i = 0; i < gradient.size(); ++i)
                m_weights.back()[i] *= gradient[i];
        });
    }

    double now() const {
        double sum = 0.0;
        std::size_t index = 0;
        forEachPair([&](const LoraPair& pair) {
            const std::vector<float> norms = m_device.floats(pair.norms);
            for (std::size_t i = 0; i < norms.size(); ++i)
                sum += double(m_weights[index][i]) * norms[i];
            ++index;
        });
        return sum;
    }

private:
    template <typename Body>
    void forEachPair(const Body& body) const {
        for (int layer = 0; m_adapter.spec().useDora && layer < 2; ++layer)
            for (const LinearRole role : kAllLinearRoles)
                if (m_adapter.adapts(layer, role))
                    body(m_adapter.pair(layer, role));
    }

    const TestDevice& m_device;
    const LoraAdapter& m_adapter;
    std::vector<std::vector<float>> m_weights;
};

/// The slope of the loss along a parameter's gradient must be that gradient's length: central differences in a
/// direction that all its elements share, so that float32's noise stays small beside it.
void expectSlopeIsGradientLength(const std::string& model, const LoraSpec& spec, float dropout = 0.0f) {
    const TestDevice device;
    const GoldenModel golden(model);
    const auto base = loadExactly(*device, golden.folder());
    LoraAdapter adapter(*device, *base, spec, 3, true);
    randomize(device, adapter);
    const DeviceBatch batch = golden.batch(*device, base->config());
    PassOptions options;
    options.dropout = dropout;
    const StepResult result = step(device, *base, adapter, batch, options);
    const NormPart normPart(device, adapter);
    for (std::size_t p = 0; p < adapter.parameters().size(); ++p) {
        const Parameter& parameter = adapter.parameters()[p];
        const std::vector<float>& gradient = result.gradients[p];
        const std::vector<float> start = device.floats(parameter.value);
        double squares = 0.0;
        for (float g : gradient)
            squares += double(g) * g;
        const double length = std::sqrt(squares);
        ASSERT_GT(length, 1e-4) << parameter.name;
        const auto lossAt = [&](double distance) {
            std::vector<float> moved = start;
            for (std::size_t i = 0; i < moved.size(); ++i)
                moved[i] += float(distance * gradient[i] / length);
            device.backend.upload(*device, moved.data(), parameter.value);
            const double loss = double(step(device, *base, adapter, batch, options).loss[0]);
            return loss + normPart.now();
        };
        // Richardson's extrapolation of two central differences: the error is of fourth order.
        const double h = 2e-2;
        const double wide = (lossAt(2 * h) - lossAt(-2 * h)) / (4 * h);
        const double narrow = (lossAt(h) - lossAt(-h)) / (2 * h);
        EXPECT_NEAR((4 * narrow - wide) / 3, length, 2e-3 * length + 2e-4) << model << " " << parameter.name;
        device.backend.upload(*device, start.data(), parameter.value);
    }
}

LoraSpec specOf(int rank, std::variant<std::string, std::vector<std::string>> targets = "all-linear") {
    LoraSpec spec;
    spec.rank = rank;
    spec.alpha = 6.0f;
    spec.targetModules = std::move(targets);
    return spec;
}

TEST(Gradient, EqualsCentralDifferencesForEveryLinearLayer) {
    expectSlopeIsGradientLength("llama_gqa", specOf(3));
}

TEST(Gradient, EqualsCentralDifferencesWithDropout) {
    expectSlopeIsGradientLength("mistral_window", specOf(4), 0.3f);
}

TEST(Gradient, EqualsCentralDifferencesWithDoraAndDropout) {
    LoraSpec spec = specOf(3);
    spec.useDora = true;
    expectSlopeIsGradientLength("qwen2_biases", spec);
    expectSlopeIsGradientLength("qwen2_biases", spec, 0.3f);
}

TEST(Gradient, EqualsCentralDifferencesForModulesTrainedAsAWhole) {
    LoraSpec spec = specOf(3);
    spec.modulesToSave = {"lm_head", "embed_tokens", "norm", "k_proj", "down_proj"};
    expectSlopeIsGradientLength("qwen2_biases", spec, 0.3f);
}

TEST(Gradient, EqualsCentralDifferencesForEachKindOfLayerAlone) {
    using Names = std::vector<std::string>;
    for (const char* target : {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"})
        expectSlopeIsGradientLength("qwen2_biases", specOf(3, Names{target}));
}

TEST(Gradient, IsTheSameBitsWithCheckpointing) {
    const TestDevice device;
    const GoldenModel golden("llama_biases_tied");
    const auto base = loadExactly(*device, golden.folder());
    LoraSpec spec = specOf(5);
    spec.useDora = true;
    spec.modulesToSave = {"embed_tokens", "norm", "up_proj"};
    LoraAdapter adapter(*device, *base, spec, 3, true);
    randomize(device, adapter);
    const DeviceBatch batch = golden.batch(*device, base->config());
    for (float dropout : {0.0f, 0.25f}) {
        const StepResult plain = step(device, *base, adapter, batch, {false, dropout, 9, 2, 1});
        const StepResult checkpointed = step(device, *base, adapter, batch, {true, dropout, 9, 2, 1});
        EXPECT_EQ(plain, checkpointed);
    }
}

TEST(Gradient, DropsOutDifferentlyBySeedStepAndMicroBatch) {
    const TestDevice device;
    const GoldenModel golden("llama_gqa");
    const auto base = loadExactly(*device, golden.folder());
    LoraAdapter adapter(*device, *base, specOf(5), 3, true);
    randomize(device, adapter);
    const DeviceBatch batch = golden.batch(*device, base->config());
    const StepResult first = step(device, *base, adapter, batch, {false, 0.25f, 9, 2, 1});
    EXPECT_EQ(first, step(device, *base, adapter, batch, {false, 0.25f, 9, 2, 1}));
    EXPECT_NE(first.loss, step(device, *base, adapter, batch, {false, 0.25f, 8, 2, 1}).loss);
    EXPECT_NE(first.loss, step(device, *base, adapter, batch, {false, 0.25f, 9, 3, 1}).loss);
    EXPECT_NE(first.loss, step(device, *base, adapter, batch, {false, 0.25f, 9, 2, 0}).loss);
}

TEST(Gradient, IsTheSameBitsOnOneAndThreeThreads) {
    const GoldenModel golden("llama_gqa");
    for (DType type : {DType::F32, DType::BF16}) {
        std::vector<StepResult> results;
        for (int threads : {1, 3}) {
            const TestDevice device(threads);
            LoadOptions options;
            options.quantization = QuantizationSpec{};
            options.computeType = type;
            options.threads = threads;
            const auto base = BaseModel::load(*device, golden.folder(), options);
            LoraAdapter adapter(*device, *base, specOf(4), 3, true);
            randomize(device, adapter);
            results.push_back(step(device, *base, adapter, golden.batch(*device, base->config()), {false, 0.1f}));
        }
        EXPECT_EQ(results[0], results[1]);
    }
}

TEST(Gradient, AddsUpOverMicroBatches) {
    const TestDevice device;
    const GoldenModel golden("llama_gqa");
    const auto base = loadExactly(*device, golden.folder());
    LoraAdapter adapter(*device, *base, specOf(4), 3, true);
    randomize(device, adapter);
    const auto tokens = golden.integers("tokens"), offsets = golden.integers("offsets"),
               rows = golden.integers("target_rows"), targets = golden.integers("targets");
    const StepResult whole = step(device, *base, adapter, golden.batch(*device, base->config()), {});

    adapter.zeroGradients(*device);
    const Storage loss = device.zeros({1});
    for (std::size_t s = 0; s + 1 < offsets.size(); ++s) {
        const std::vector<int32_t> part(tokens.begin() + offsets[s], tokens.begin() + offsets[s + 1]);
        const std::vector<int32_t> ends = {0, int32_t(part.size())};
        std::vector<int32_t> partRows, partTargets;
        for (std::size_t i = 0; i < rows.size(); ++i)
            if (rows[i] >= offsets[s] && rows[i] < offsets[s + 1]) {
                partRows.push_back(rows[i] - offsets[s]);
                partTargets.push_back(targets[i]);
            }
        const DeviceBatch batch =
            uploadBatch(*device, {part, ends, {}, partRows, partTargets}, base->config().vocabularySize);
        lossAndGradients(*device, *base, adapter, batch, 1.0f / float(rows.size()), {}, loss);
    }
    EXPECT_LT(relativeDifference(device.floats(loss), whole.loss), 1e-6);
    for (std::size_t p = 0; p < whole.gradients.size(); ++p)
        EXPECT_LT(relativeDifference(device.floats(adapter.parameters()[p].gradient), whole.gradients[p]), 1e-5);
}

TEST(Gradient, KeepsFewerActivationsWithCheckpointing) {
    const TestDevice device;
    const GoldenModel golden("llama_gqa");
    const auto base = loadExactly(*device, golden.folder());
    LoraAdapter adapter(*device, *base, specOf(3), 3, true);
    const DeviceBatch batch = golden.batch(*device, base->config());
    std::vector<int64_t> peaks;
    for (bool checkpointing : {false, true}) {
        device.backend.ledger().resetPeak();
        step(device, *base, adapter, batch, {checkpointing});
        peaks.push_back(device.backend.ledger().peak()[MemoryTag::Activations]);
        EXPECT_EQ(device.backend.ledger().live()[MemoryTag::Activations], 0);
    }
    EXPECT_LT(peaks[1], peaks[0]);
}

TEST(Gradient, RefusesAFrozenAdapter) {
    const TestDevice device;
    const GoldenModel golden("llama_gqa");
    const auto base = loadExactly(*device, golden.folder());
    LoraAdapter adapter(*device, *base, specOf(3), 3, false);
    const Storage loss = device.zeros({1});
    EXPECT_THROW(lossAndGradients(*device, *base, adapter, golden.batch(*device, base->config()), 1.0f, {}, loss),
                 Error);
}

} // namespace
} // namespace lorikeet
