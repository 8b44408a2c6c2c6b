// SPDX-License-Identifier: GPL-3.0-or-later
// Against PyTorch, bitsandbytes, PEFT and a rule in numpy: see tests/parity/make_optimizer_goldens.py.
#include "core/train/optimizer.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <span>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/base/files.h"
#include "core/base/sha256.h"
#include "core/cpu/cpu_backend.h"
#include "core/formats/safetensors.h"
#include "core/quant/quantize.h"
#include "tests/core/train/optimized_parameters.h"
#include "tests/support/measured.h"
#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

nlohmann::json golden() {
    return nlohmann::json::parse(readTextFile(sourceFile("tests/data/train/optimizer/optimizer.json")));
}

TrainingConfig goldenTraining(OptimizerType type) {
    const nlohmann::json settings = golden().at("settings");
    TrainingConfig config;
    config.optimizer = type;
    config.learningRate = settings.at("learning_rate");
    config.beta1 = settings.at("adam_beta1");
    config.beta2 = settings.at("adam_beta2");
    config.epsilon = settings.at("adam_epsilon");
    config.weightDecay = settings.at("weight_decay");
    config.maxGradNorm = 0.0;
    return config;
}

class GoldenFile {
public:
    explicit GoldenFile(const std::string& name)
        : m_file(openSafetensors(sourceFile("tests/data/train/optimizer/" + name))) {}

    std::vector<float> floats(const std::string& name) const {
        const TensorRecord& record = m_file->at(name);
        std::vector<float> values(std::size_t(record.elements()));
        decode(record, 0, values);
        return values;
    }
    Shape shape(const std::string& name) const {
        const std::vector<int64_t>& shape = m_file->at(name).shape;
        return shape.size() == 1 ? Shape{shape[0]} : Shape{shape[0], shape[1]};
    }

private:
    std::unique_ptr<TensorFile> m_file;
};

TEST(OptimizerParity, TwentyStepsOfAdamWEqualPyTorch) {
    const GoldenFile file("adamw.safetensors");
    const nlohmann::json expected = golden().at("adamw");
    const std::vector<std::string> names = {"model.layers.0.mlp.up_proj.lora_A.weight",
                                            "model.layers.0.mlp.up_proj.lora_B.weight", "model.norm.weight"};
    CpuBackend backend(2);
    OptimizedParameters parameters(backend);
    for (const std::string& name : names)
        parameters.add(name, file.shape("first." + name), file.floats("first." + name));
    TrainingConfig config = goldenTraining(OptimizerType::AdamW32Bit);
    config.maxGradNorm = expected.at("max_grad_norm");
    Optimizer optimizer(parameters.context(), parameters.list, config, std::nullopt);
    double worst = 0.0, worstNorm = 0.0;
    for (int64_t step = 1; step <= 20; ++step) {
        for (std::size_t i = 0; i < names.size(); ++i)
            parameters.setGradient(i, file.floats("gradient." + std::to_string(step) + "." + names[i]));
        const double norm = parameters.step(optimizer, step, expected.at("rates").at(std::size_t(step - 1)));
        const double theirNorm = expected.at("norms").at(std::size_t(step - 1));
        worstNorm = worse(worstNorm, std::abs(norm - theirNorm) / theirNorm);
        for (std::size_t i = 0; i < names.size(); ++i) {
            const std::vector<float> ours = parameters.values(i);
            const std::vector<float> theirs = file.floats("step." + std::to_string(step) + "." + names[i]);
            float largest = 0.0f, difference = 0.0f;
            for (std::size_t j = 0; j < ours.size(); ++j) {
                largest = std::max(largest, std::abs(theirs[j]));
                difference = std::max(difference, std::abs(ours[j] - theirs[j]));
            }
            EXPECT_LE(difference, 1e-6f * largest) << names[i] << " step " << step;
            worst = worse(worst, double(difference) / double(largest));
        }
    }
    expectMeasured("parameter", worst, 1e-6);
    expectMeasured("norm", worstNorm, 1e-5);
}

/// The gradient that the golden script makes by the same formula.
std::vector<float> madeGradient(int64_t step, std::size_t elements) {
    std::vector<float> gradient(elements);
    for (std::size_t i = 0; i < elements; ++i) {
        uint32_t word = uint32_t(i) * 2654435761u + uint32_t(step) * 2246822519u;
        word = (word ^ (word >> 15)) * 2654435761u;
        gradient[i] = float(std::ldexp(double(int(word >> 20) - 2048), -14 - int(i % 7)));
    }
    return gradient;
}

class EightBitParity : public testing::Test {
protected:
    /// Trains for twenty steps over made gradients; calls check(step, parameter, state by name as bytes).
    template <typename Check>
    void train(Backend& backend, const TrainingConfig& config, Check check) {
        const std::size_t elements = golden().at("adamw_8bit").at("elements");
        OptimizedParameters parameters(backend);
        std::vector<float> first = madeGradient(0, elements);
        for (float& value : first)
            value *= 64.0f;
        ASSERT_EQ(first, file.floats("first"));
        parameters.add("p", {int64_t(elements), 1}, first);
        Optimizer optimizer(parameters.context(), parameters.list, config, std::nullopt, folder.path());
        for (int64_t step = 1; step <= 20; ++step) {
            parameters.setGradient(0, madeGradient(step, elements));
            parameters.step(optimizer, step, config.learningRate);
            check(step, parameters.values(0), parameters.state(optimizer));
        }
    }

    TemporaryFolder folder;
    GoldenFile file{"adamw_8bit.safetensors"};
};

TEST_F(EightBitParity, EveryOneOfTwentyStepsFollowsTheRuleToTheBit) {
    const nlohmann::json hashes = golden().at("adamw_8bit").at("sha256");
    for (const std::string kernels : {"auto", "portable"}) {
        CpuBackend backend(2, kernels);
        train(backend, goldenTraining(OptimizerType::AdamW8Bit),
              [&](int64_t step, const std::vector<float>& p, const OptimizedParameters::State& state) {
                  std::string bytes(reinterpret_cast<const char*>(p.data()), 4 * p.size());
                  for (const auto& [name, tensor] : state)
                      bytes.append(reinterpret_cast<const char*>(tensor.data()), tensor.size());
                  Sha256 hash;
                  hash.update(std::as_bytes(std::span(bytes)));
                  EXPECT_EQ(hash.finish(), hashes.at(std::size_t(step - 1))) << "step " << step << " " << kernels;
                  const std::string prefix = "step." + std::to_string(step) + ".";
                  if (step != 1 && step != 20)
                      return;
                  EXPECT_EQ(p, file.floats(prefix + "p"));
                  const std::vector<float> codes = file.floats(prefix + "exp_avg");
                  for (std::size_t i = 0; i < codes.size(); ++i)
                      ASSERT_EQ(std::to_integer<int>(state[0].second[i]), int(codes[i])) << i;
              });
    }
}

TEST_F(EightBitParity, IsNearToBitsandbytesWhoseQuantizerIsCoarser) {
    CpuBackend backend(1);
    train(backend, goldenTraining(OptimizerType::AdamW8Bit),
          [&](int64_t step, const std::vector<float>& p, const OptimizedParameters::State& state) {
              if (step != 20)
                  return;
              const auto floatAt = [](const std::vector<std::byte>& bytes, std::size_t i) {
                  float value = 0.0f;
                  std::memcpy(&value, bytes.data() + 4 * i, 4);
                  return value;
              };
              for (const bool isFirst : {true, false}) {
                  const std::vector<float> theirs =
                      file.floats(isFirst ? "bitsandbytes.exp_avg" : "bitsandbytes.exp_avg_sq");
                  const auto& codes = state[isFirst ? 0 : 2].second;
                  const auto& absmax = state[isFirst ? 1 : 3].second;
                  double worst = 0.0, sum = 0.0;
                  for (std::size_t i = 0; i < theirs.size(); ++i) {
                      const double scale = double(floatAt(absmax, i / 256));
                      const double ours = double(dynamicMap(isFirst)[std::to_integer<std::size_t>(codes[i])]) * scale;
                      worst = std::max(worst, std::abs(ours - double(theirs[i])) / scale);
                      sum += std::abs(ours - double(theirs[i])) / scale;
                  }
                  EXPECT_LT(worst, 0.02);
                  EXPECT_LT(sum / double(theirs.size()), 2e-4);
              }
              const std::vector<float> theirs = file.floats("bitsandbytes.p");
              double sum = 0.0;
              for (std::size_t i = 0; i < p.size(); ++i)
                  sum += std::abs(double(p[i]) - double(theirs[i]));
              EXPECT_LT(sum / double(p.size()), 2e-3);
          });
}

TEST(OptimizerParity, RatesAndDecayAreThoseOfPeftsLoraPlusAndTransformersTrainer) {
    const nlohmann::json loraPlus = golden().at("loraplus");
    int fast = 0;
    for (const auto& one : loraPlus.at("parameters")) {
        const std::string name = one.at("name");
        const std::vector<int64_t> sizes = one.at("shape");
        const Shape shape = sizes.size() == 1 ? Shape{sizes[0]} : Shape{sizes[0], sizes[1]};
        const ParameterRates rates = ratesOf(name, shape, double(loraPlus.at("ratio")));
        EXPECT_EQ(rates.learningRate, double(one.at("rate"))) << name;
        EXPECT_EQ(rates.weightDecay, double(one.at("decay"))) << name;
        const ParameterRates plain = ratesOf(name, shape, std::nullopt);
        EXPECT_EQ(plain.learningRate, 1.0) << name;
        EXPECT_EQ(plain.weightDecay, double(one.at("trainer_decay"))) << name;
        fast += rates.learningRate != 1.0;
    }
    EXPECT_EQ(fast, 19);
}

} // namespace
} // namespace lorikeet
