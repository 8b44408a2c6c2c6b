// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/run_settings.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/support/errors.h"

namespace lorikeet {
namespace {

RunConfig changedRun() {
    RunConfig config;
    config.name = "12";
    config.model = "true";
    config.data.train = "rows.jsonl";
    config.data.columns = {{"prompt", "question"}, {"completion", "answer"}};
    config.data.maxTokensPerBatch = 2048;
    config.lora.rank = 64;
    config.lora.targetModules = std::vector<std::string>{"q_proj", "v_proj"};
    config.lora.rankPattern = std::map<std::string, int>{{"v_proj", 4}};
    config.training.learningRate = 1e-3;
    config.training.maxSteps = 40;
    config.training.saveTotalLimit.reset();
    config.samples.prompts = {"Why?"};
    return config;
}

std::vector<std::string> changedKeys(const RunConfig& config) {
    std::vector<std::string> keys;
    for (const RunSetting& setting : flatSettings(config))
        if (!setting.isDefault())
            keys.push_back(setting.key);
    return keys;
}

TEST(RunSettings, NameWhatDiffersFromTheDefaults) {
    EXPECT_TRUE(changedKeys({}).empty());
    EXPECT_EQ(changedKeys(changedRun()),
              (std::vector<std::string>{"name", "model", "lora.r", "lora.target_modules", "lora.rank_pattern",
                                        "data.train", "data.columns", "data.max_tokens_per_batch", "training.max_steps",
                                        "training.learning_rate", "training.save_total_limit", "samples.prompts"}));
    const std::vector<RunSetting> settings = flatSettings(changedRun());
    const auto rank = std::ranges::find(settings, "lora.r", &RunSetting::key);
    EXPECT_EQ(*rank, (RunSetting{"lora.r", "64", "16"}));
}

TEST(RunSettings, EachOneCanBeTakenOverIntoAnotherRun) {
    RunConfig copy;
    for (const RunSetting& setting : flatSettings(changedRun()))
        copy = withSetting(copy, setting.key, setting.value);
    EXPECT_EQ(copy, changedRun());
}

TEST(RunSettings, AutomaticBlocksizesAndTheirBitsGoTogether) {
    const auto bitsWith = [](const RunConfig& config) {
        return withSetting(config, "quantization.blocksize", "auto").quantization.bitsPerParameter.value();
    };
    RunConfig config;
    EXPECT_EQ(bitsWith(config), 4.15);
    config.quantization.doubleQuant = false;
    EXPECT_EQ(bitsWith(config), 4.55);
    config.quantization.type = QuantType::Int8;
    EXPECT_EQ(bitsWith(config), 8.55);
    config = withSetting(withSetting({}, "quantization.blocksize", "auto"), "quantization.bits_per_parameter", "4.2");
    EXPECT_EQ(config.quantization.bitsPerParameter, 4.2);
    EXPECT_EQ(withSetting(config, "quantization.blocksize", "auto"), config);
    EXPECT_EQ(withSetting(config, "training.seed", "42"), config);
    expectError(ErrorCode::BadConfig, "bits_per_parameter",
                [] { withSetting({}, "quantization.bits_per_parameter", "4.2"); });
    RunConfig copy;
    for (const RunSetting& setting : flatSettings(config))
        copy = withSetting(copy, setting.key, setting.value);
    EXPECT_EQ(copy, config);
    EXPECT_EQ(withSetting(config, "quantization.blocksize", "128").quantization.bitsPerParameter, std::nullopt);
    EXPECT_EQ(withSetting(config, "quantization.type", "none").quantization,
              (QuantizationConfig{QuantType::None, 64, true, std::nullopt}));
    for (const char* key : {"quantization.blocksize", "quantization.bits_per_parameter"})
        EXPECT_EQ(resetSetting(config, key), RunConfig()) << key;
}

TEST(RunSettings, EachOneCanBeReset) {
    RunConfig config = changedRun();
    for (const std::string& key : changedKeys(config)) {
        config = resetSetting(config, key);
        const std::vector<std::string> left = changedKeys(config);
        EXPECT_EQ(std::ranges::count(left, key), 0) << key;
    }
    EXPECT_EQ(config, RunConfig());
}

TEST(RunSettings, ContradictionsAreLeftToTheirOwnCheckAndAllAreFound) {
    RunConfig config = withSetting({}, "training.warmup_steps", "10");
    config = withSetting(config, "training.optim", "adamw_8bit");
    config = withSetting(config, "training.optim_budget_mb", "100");
    config = withSetting(config, "data.share_prefixes", "true");
    const std::vector<RunViolation> violations = violationsOf(config);
    ASSERT_EQ(violations.size(), 3u);
    EXPECT_EQ(violations[0].key, "training.warmup_steps");
    EXPECT_EQ(violations[0].code, ErrorCode::BadConfig);
    EXPECT_EQ(violations[1].key, "training.optim_budget_mb");
    EXPECT_EQ(violations[1].code, ErrorCode::BadConfig);
    EXPECT_EQ(violations[2].code, ErrorCode::NotBuilt);
    EXPECT_EQ(errorOf([&] { validateRunConfig(config); }).code(), ErrorCode::BadConfig);
}

TEST(RunSettings, RefuseWhatTheReaderOfRunFilesRefuses) {
    EXPECT_EQ(errorOf([] { withSetting({}, "lora.r", "0"); }).code(), ErrorCode::BadConfig);
    EXPECT_EQ(errorOf([] { withSetting({}, "lora.rank", "8"); }).code(), ErrorCode::BadConfig);
    EXPECT_EQ(errorOf([] { resetSetting({}, "nothing"); }).code(), ErrorCode::BadConfig);
    RunConfig config;
    EXPECT_TRUE(refusedSettings(config).empty());
    config.lora.rank = 0;
    config.training.learningRate = -1;
    const std::vector<RunViolation> refused = refusedSettings(config);
    ASSERT_EQ(refused.size(), 2u);
    EXPECT_EQ(refused[0].key, "lora.r");
    EXPECT_TRUE(refused[0].message.starts_with("lora.r is 0; allowed is")) << refused[0].message;
    EXPECT_EQ(refused[1].key, "training.learning_rate");
}

TEST(RunSettings, LeaveThePathsOfOthersAsTheyAre) {
    RunConfig config;
    config.data.train = "rows\xff.jsonl";
    EXPECT_EQ(withSetting(config, "lora.r", "8").data.train, config.data.train);
    EXPECT_EQ(withSetting(config, "data.train", "other.jsonl").data.train, "other.jsonl");
}

TEST(RunSettings, OfAnAdapterToGoOnFromStayOpen) {
    RunConfig config;
    config.lora.initFrom = "adapter";
    config.lora.rank.reset();
    config.lora.alpha.reset();
    const RunConfig changed = withSetting(config, "training.seed", "7");
    EXPECT_EQ(changed.lora, config.lora);
    EXPECT_EQ(withSetting(changed, "lora.r", "8").lora.rank, 8);
}

} // namespace
} // namespace lorikeet
