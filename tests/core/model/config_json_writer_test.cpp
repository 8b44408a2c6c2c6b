// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/config_json_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/base/files.h"
#include "core/model/rope_table.h"
#include "tests/core/model/golden_model.h"
#include "tests/support/errors.h"
#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

std::string written(const ModelConfig& config) {
    return modelConfigJson(config, 1, "bfloat16", "model.gguf");
}

ModelConfig goldenConfig(const std::string& name) {
    return readModelConfig(sourceFile("tests/data/model/" + name));
}

TEST(ConfigJsonWriter, GivesEveryGoldenConfigurationBack) {
    for (const std::string& name : goldenModelNames()) {
        const ModelConfig config = goldenConfig(name);
        EXPECT_EQ(parseModelConfig(written(config), "config.json"), config) << name;
    }
}

TEST(ConfigJsonWriter, GivesTheConfigurationsOfGgufFilesBack) {
    for (const char* name : {"llama_gqa", "qwen2_biases"}) {
        const ModelConfig config = readModelConfig(sourceFile(fmt::format("tests/data/model/{}/model.gguf", name)));
        EXPECT_EQ(parseModelConfig(written(config), "config.json"), config) << name;
    }
}

TEST(ConfigJsonWriter, NamesTheClassAndTheTokensForTransformers) {
    const auto json = nlohmann::json::parse(written(goldenConfig("qwen2_biases")));
    EXPECT_EQ(json["architectures"], nlohmann::json::array({"Qwen2ForCausalLM"}));
    EXPECT_EQ(json["bos_token_id"], 1);
    EXPECT_EQ(json["dtype"], "bfloat16");
}

TEST(ConfigJsonWriter, TurnsDivisorsIntoTheParametersOfLlama3) {
    const ModelConfig gguf = readModelConfig(sourceFile("tests/data/model/llama_llama3/model.gguf"));
    ASSERT_FALSE(gguf.rope.divisors.empty());
    EXPECT_EQ(parseModelConfig(written(gguf), "config.json").rope, goldenConfig("llama_llama3").rope);

    ModelConfig changed = gguf;
    changed.rope.divisors.front() = 1.5f;
    const Error error = errorOf([&] { written(changed); });
    EXPECT_EQ(error.code(), ErrorCode::NotBuilt);
    EXPECT_THAT(error.message(), testing::HasSubstr("model.gguf"));
}

TEST(ConfigJsonWriter, RefusesWhatNoKeySays) {
    const auto expectRefused = [](const char* name, auto change) {
        ModelConfig config = goldenConfig(name);
        change(config);
        EXPECT_EQ(errorOf([&] { written(config); }).code(), ErrorCode::NotBuilt);
    };
    expectRefused("llama_gqa", [](ModelConfig& config) { config.queryKeyValueBias = true; });
    expectRefused("mistral_window", [](ModelConfig& config) { config.feedForwardBias = true; });
    expectRefused("mistral_window", [](ModelConfig& config) { config.windows.front() = 0; });
    expectRefused("qwen2_window", [](ModelConfig& config) { config.windows = {4, 5}; });
}

} // namespace
} // namespace lorikeet
