// SPDX-License-Identifier: GPL-3.0-or-later
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/base/files.h"
#include "tests/core/model/golden_model.h"
#include "tests/support/errors.h"
#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

/// The adapter folder of a golden model, with keys of its configuration replaced.
class AdapterFiles : public testing::Test {
protected:
    LoraAdapter loadChanged(const std::string& model, const json& changes) {
        const std::filesystem::path golden = sourceFile("tests/data/model/" + model);
        std::filesystem::copy(golden / "adapter", folder / "adapter",
                              std::filesystem::copy_options::overwrite_existing |
                                  std::filesystem::copy_options::recursive);
        json config = json::parse(readTextFile(folder / "adapter" / "adapter_config.json"));
        config.update(changes);
        writeFileAtomically(folder / "adapter" / "adapter_config.json", config.dump());
        return LoraAdapter::load(*device, readModelConfig(golden), folder / "adapter", false);
    }

    Error refusal(const std::string& model, const json& changes) {
        return errorOf([&] { loadChanged(model, changes); });
    }

    TestDevice device;
    TemporaryFolder folder;
};

TEST_F(AdapterFiles, KeepTheSpecThroughSaving) {
    LoraSpec spec;
    spec.rank = 5;
    spec.alpha = 7.5f;
    spec.dropout = 0.1f;
    spec.useRslora = true;
    spec.targetModules = ".*_proj";
    spec.rankPattern = {{"q_proj", 2}};
    spec.alphaPattern = {{"k_proj", 0.3f}};
    spec.layers = {1};
    spec.useDora = true;
    spec.modulesToSave = {"k_proj", "norm"};
    const auto base = loadExactly(*device, sourceFile("tests/data/model/qwen2_biases"));
    const ModelConfig& config = base->config();
    const LoraAdapter written(*device, *base, spec, 3, true);
    written.save(*device, folder / "a", "some/base");
    const LoraAdapter read = LoraAdapter::load(*device, config, folder / "a", true);
    EXPECT_EQ(read.spec(), spec);
    ASSERT_EQ(read.parameters().size(), written.parameters().size());
    for (std::size_t i = 0; i < read.parameters().size(); ++i) {
        EXPECT_EQ(read.parameters()[i].name, written.parameters()[i].name);
        EXPECT_EQ(device.floats(read.parameters()[i].value), device.floats(written.parameters()[i].value));
    }
    const json saved = json::parse(readTextFile(folder / "a" / "adapter_config.json"));
    EXPECT_EQ(saved["base_model_name_or_path"], "some/base");
    EXPECT_EQ(saved["lora_dropout"], 0.1);
}

TEST_F(AdapterFiles, SpellOutWhatAllLinearMeans) {
    const auto base = loadExactly(*device, sourceFile("tests/data/model/llama_gqa"));
    LoraAdapter(*device, *base, LoraSpec{}, 3, false).save(*device, folder / "a", "base");
    const json saved = json::parse(readTextFile(folder / "a" / "adapter_config.json"));
    EXPECT_EQ(saved["target_modules"],
              (json{"down_proj", "gate_proj", "k_proj", "o_proj", "q_proj", "up_proj", "v_proj"}));
}

TEST_F(AdapterFiles, RefuseAConfigurationUnlikeTheTensors) {
    const Error rank = refusal("llama_gqa", {{"r", 5}});
    EXPECT_EQ(rank.code(), ErrorCode::BadFile);
    EXPECT_THAT(rank.message(), AllOf(HasSubstr("[4, 32]"), HasSubstr("[5, 32]"), HasSubstr("lora_A")));
    EXPECT_THAT(refusal("llama_gqa", {{"target_modules", {"q_proj"}}}).message(), HasSubstr("does not name"));
    EXPECT_THAT(refusal("llama_llama3", {{"target_modules", {"up_proj", "k_proj"}}}).message(),
                HasSubstr("no tensor model.layers.0.self_attn.k_proj.lora_A.weight"));
    const Error none = refusal("llama_gqa", {{"target_modules", {"c_attn"}}});
    EXPECT_EQ(none.code(), ErrorCode::BadFile);
    EXPECT_THAT(none.message(), HasSubstr("adapter_config.json"));
}

TEST_F(AdapterFiles, RefuseTensorsThatTheConfigurationDoesNotName) {
    EXPECT_THAT(refusal("llama_gqa", {{"use_dora", true}}).message(), HasSubstr("no lora_magnitude_vector"));
    EXPECT_THAT(refusal("llama_dora", {{"use_dora", false}}).message(), HasSubstr("a lora_magnitude_vector"));
    EXPECT_THAT(refusal("llama_gqa", {{"modules_to_save", {"lm_head"}}}).message(),
                HasSubstr("there is no tensor lm_head.weight"));
    EXPECT_THAT(refusal("llama_saved", {{"modules_to_save", nullptr}}).message(), HasSubstr("modules_to_save"));
    EXPECT_THAT(refusal("llama_saved", {{"modules_to_save", {"lm_head", "norm", "down_proj"}}}).message(),
                HasSubstr("model.embed_tokens.weight, which the configuration does not name"));
}

TEST_F(AdapterFiles, RefuseAGroupOfModulesByName) {
    const Error error = refusal("llama_gqa", {{"modules_to_save", {"mlp"}}});
    EXPECT_EQ(error.code(), ErrorCode::NotBuilt);
    EXPECT_THAT(error.message(), AllOf(HasSubstr("\"mlp\""), HasSubstr("model.layers.0.mlp.gate_proj")));
}

} // namespace
} // namespace lorikeet
