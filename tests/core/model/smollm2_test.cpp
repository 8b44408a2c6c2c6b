// SPDX-License-Identifier: GPL-3.0-or-later
// The starter model against transformers: see tests/parity/make_model_goldens.py.
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <numeric>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/base/files.h"
#include "tests/core/model/golden_model.h"
#include "tests/support/measured.h"
#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

struct Golden {
    Golden() {
        const auto json =
            nlohmann::json::parse(readTextFile(sourceFile("tests/data/model/smollm2_log_probabilities.json")));
        tokens = json["tokens"].get<std::vector<int32_t>>();
        logProbabilities = json["log_probabilities"].get<std::vector<float>>();
    }
    /// One sequence in which every token but the first is a target.
    DeviceBatch batch(ExecutionContext& context, int vocabularySize) const {
        const std::vector<int32_t> offsets = {0, int32_t(tokens.size())};
        std::vector<int32_t> rows(tokens.size() - 1);
        std::iota(rows.begin(), rows.end(), 0);
        const std::span<const int32_t> targets = std::span(tokens).subspan(1);
        return uploadBatch(context, {tokens, offsets, {}, rows, targets}, vocabularySize);
    }

    std::vector<int32_t> tokens;
    std::vector<float> logProbabilities;
};

double largestDifference(const TestDevice& device, const BaseModel& base) {
    const Golden golden;
    const DeviceBatch batch = golden.batch(*device, base.config().vocabularySize);
    const Storage losses = device.zeros({batch.targetCount()});
    targetLosses(*device, base, nullptr, batch, losses);
    const std::vector<float> values = device.floats(losses);
    double largest = 0.0;
    for (std::size_t i = 0; i < values.size(); ++i)
        largest = std::max(largest, std::abs(double(-values[i]) - double(golden.logProbabilities[i])));
    return largest;
}

TEST(SmolLM2, LogProbabilitiesFromGgufEqualTransformers) {
    SKIP_WITHOUT_TEST_MODEL();
    const TestDevice device(0, "auto");
    LoadOptions options;
    options.computeType = DType::F32;
    const auto base = BaseModel::load(*device, testModelPath(), options);
    const double difference = largestDifference(device, *base);
    expectMeasured("log_probability", difference, 1e-3);
}

TEST(SmolLM2, LogProbabilitiesFromSafetensorsEqualTransformers) {
    const char* folder = std::getenv("LORIKEET_TEST_MODEL_FOLDER");
    if (!folder)
        GTEST_SKIP() << "needs LORIKEET_TEST_MODEL_FOLDER, the same model as transformers saves it: "
                        "tests/parity/save_as_safetensors.py writes it";
    const TestDevice device(0, "auto");
    LoadOptions options;
    options.computeType = DType::F32;
    const double difference = largestDifference(device, *BaseModel::load(*device, folder, options));
    expectMeasured("log_probability", difference, 1e-3);
}

TEST(SmolLM2, InFourBitsAndBfloat16PredictsNearlyAsWell) {
    SKIP_WITHOUT_TEST_MODEL();
    const TestDevice device(0, "auto");
    LoadOptions options;
    options.quantization = QuantizationSpec{};
    const auto start = std::chrono::steady_clock::now();
    const auto base = BaseModel::load(*device, testModelPath(), options);
    RecordProperty("load_seconds",
                   std::to_string(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()));
    const Golden golden;
    const DeviceBatch batch = golden.batch(*device, base->config().vocabularySize);
    const Storage losses = device.zeros({batch.targetCount()});
    targetLosses(*device, *base, nullptr, batch, losses);
    const std::vector<float> values = device.floats(losses);
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / double(values.size());
    const double exact = -std::accumulate(golden.logProbabilities.begin(), golden.logProbabilities.end(), 0.0) /
                         double(golden.logProbabilities.size());
    EXPECT_NEAR(mean, exact, 0.2);
    RecordProperty("mean_nll", std::to_string(mean) + " instead of " + std::to_string(exact));
    // 106.2 million weights of linear layers at 4.127 bits, the table of 28.3 million in 8 or 16 bits.
    const int64_t weights = device.backend.ledger().live().total();
    EXPECT_LT(weights, 120'000'000);
}

} // namespace
} // namespace lorikeet
