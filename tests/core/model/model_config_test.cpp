// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/model_config.h"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/base/files.h"
#include "core/formats/gguf_file.h"
#include "tests/support/errors.h"
#include "tests/support/gguf_builder.h"
#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

json llama() {
    return {{"model_type", "llama"},
            {"vocab_size", 100},
            {"hidden_size", 32},
            {"intermediate_size", 64},
            {"num_hidden_layers", 3},
            {"num_attention_heads", 4},
            {"num_key_value_heads", 2},
            {"rms_norm_eps", 1e-5},
            {"rope_theta", 5000.0},
            {"tie_word_embeddings", true},
            {"max_position_embeddings", 128}};
}

json with(json config, const json& changes) {
    config.merge_patch(changes);
    return config;
}

ModelConfig parse(const json& config) {
    return parseModelConfig(config.dump(), "model/config.json");
}

Error refusal(const json& config) {
    return errorOf([&] { parse(config); });
}

TEST(ModelConfig, ReadsALlama) {
    const ModelConfig config = parse(llama());
    EXPECT_EQ(config.architecture, "llama");
    EXPECT_EQ(config.vocabularySize, 100);
    EXPECT_EQ(config.hiddenSize, 32);
    EXPECT_EQ(config.intermediateSize, 64);
    EXPECT_EQ(config.layers, 3);
    EXPECT_EQ(config.heads, 4);
    EXPECT_EQ(config.kvHeads, 2);
    EXPECT_EQ(config.headDim, 8);
    EXPECT_EQ(config.maxPositions, 128);
    EXPECT_FLOAT_EQ(config.normEpsilon, 1e-5f);
    EXPECT_TRUE(config.tiedEmbeddings);
    EXPECT_FALSE(config.queryKeyValueBias || config.attentionOutputBias || config.feedForwardBias);
    EXPECT_THAT(config.windows, ElementsAre(0, 0, 0));
    EXPECT_EQ(config.rope.theta, 5000.0);
    EXPECT_EQ(config.rope.rotaryDim, 8);
}

TEST(ModelConfig, TakesDefaultsForWhatIsAbsentOrNull) {
    json config = llama();
    config.erase("num_key_value_heads");
    config.erase("rope_theta");
    config.erase("tie_word_embeddings");
    config["head_dim"] = nullptr;
    config["rope_scaling"] = nullptr;
    const ModelConfig parsed = parse(config);
    EXPECT_EQ(parsed.kvHeads, 4);
    EXPECT_EQ(parsed.headDim, 8);
    EXPECT_EQ(parsed.rope.theta, 10000.0);
    EXPECT_FALSE(parsed.tiedEmbeddings);
    EXPECT_TRUE(parsed.endTokens.empty());
}

TEST(ModelConfig, ReadsBiasFlagsOfLlamaAndKnowsQwensBiases) {
    const ModelConfig flags = parse(with(llama(), {{"attention_bias", true}, {"mlp_bias", true}}));
    EXPECT_TRUE(flags.queryKeyValueBias && flags.attentionOutputBias && flags.feedForwardBias);
    const ModelConfig qwen = parse(with(llama(), {{"model_type", "qwen2"}}));
    EXPECT_TRUE(qwen.queryKeyValueBias);
    EXPECT_FALSE(qwen.attentionOutputBias || qwen.feedForwardBias);
}

TEST(ModelConfig, KnowsWhichLayersLookAtAWindow) {
    const json mistral = with(llama(), {{"model_type", "mistral"}});
    EXPECT_THAT(parse(mistral).windows, Each(4096));
    EXPECT_THAT(parse(with(mistral, {{"sliding_window", 7}})).windows, Each(7));
    json none = mistral;
    none["sliding_window"] = nullptr;
    EXPECT_THAT(parse(none).windows, Each(0));

    const json qwen = with(llama(), {{"model_type", "qwen2"}, {"sliding_window", 9}, {"max_window_layers", 2}});
    EXPECT_THAT(parse(qwen).windows, Each(0));
    EXPECT_THAT(parse(with(qwen, {{"use_sliding_window", true}})).windows, ElementsAre(0, 0, 9));
    EXPECT_THAT(parse(with(qwen, {{"use_sliding_window", true},
                                  {"layer_types", {"sliding_attention", "full_attention", "full_attention"}}}))
                    .windows,
                ElementsAre(9, 0, 0));
}

TEST(ModelConfig, ReadsRopeOfBothForms) {
    const ModelConfig older = parse(with(llama(), {{"rope_scaling",
                                                    {{"type", "llama3"},
                                                     {"factor", 8.0},
                                                     {"low_freq_factor", 1.0},
                                                     {"high_freq_factor", 4.0},
                                                     {"original_max_position_embeddings", 64}}}}));
    EXPECT_EQ(older.rope.type, RopeType::Llama3);
    EXPECT_EQ(older.rope.theta, 5000.0);
    EXPECT_EQ(older.rope.originalPositions, 64);
    const ModelConfig newer =
        parse(with(llama(), {{"rope_parameters", {{"rope_type", "linear"}, {"factor", 2.5}, {"rope_theta", 77.0}}},
                             {"partial_rotary_factor", 0.5}}));
    EXPECT_EQ(newer.rope.type, RopeType::Linear);
    EXPECT_EQ(newer.rope.factor, 2.5);
    EXPECT_EQ(newer.rope.theta, 77.0);
    EXPECT_EQ(newer.rope.rotaryDim, 4);
}

TEST(ModelConfig, ReadsOneOrSeveralEndTokens) {
    EXPECT_THAT(parse(with(llama(), {{"eos_token_id", 2}})).endTokens, ElementsAre(2));
    EXPECT_THAT(parse(with(llama(), {{"eos_token_id", {2, 99}}})).endTokens, ElementsAre(2, 99));
    EXPECT_THAT(refusal(with(llama(), {{"eos_token_id", 100}})).message(), HasSubstr("eos_token_id is 100"));
}

struct Hostile {
    json change;
    ErrorCode code;
    std::string named;
};

TEST(ModelConfig, RefusesHostileValuesByNameAndValue) {
    const std::vector<Hostile> cases = {
        {{{"num_attention_heads", 0}}, ErrorCode::BadFile, "num_attention_heads is 0"},
        {{{"num_hidden_layers", 1000000}}, ErrorCode::BadFile, "num_hidden_layers is 1000000"},
        {{{"num_hidden_layers", 0}}, ErrorCode::BadFile, "num_hidden_layers is 0"},
        {{{"hidden_size", -32}}, ErrorCode::BadFile, "hidden_size is -32"},
        {{{"hidden_size", 18446744073709551615u}}, ErrorCode::BadFile, "hidden_size is 18446744073709551615"},
        {{{"hidden_size", 32.5}}, ErrorCode::BadFile, "hidden_size is 32.5"},
        {{{"hidden_size", "32"}}, ErrorCode::BadFile, "hidden_size is \"32\""},
        {{{"hidden_size", 30}}, ErrorCode::BadFile, "hidden_size 30 is not a multiple"},
        {{{"vocab_size", 0}}, ErrorCode::BadFile, "vocab_size is 0"},
        {{{"num_key_value_heads", 3}}, ErrorCode::BadFile, "4 attention heads are not a multiple of 3"},
        {{{"head_dim", 7}}, ErrorCode::BadFile, "7 values of a head"},
        {{{"rms_norm_eps", -1.0}}, ErrorCode::BadFile, "rms_norm_eps is -1"},
        {{{"rope_theta", 0}}, ErrorCode::BadFile, "rope_theta is 0"},
        {{{"attention_bias", 1}}, ErrorCode::BadFile, "attention_bias is 1"},
        {{{"model_type", 3}}, ErrorCode::BadFile, "model_type is 3"},
        {{{"model_type", "mamba"}},
         ErrorCode::NotBuilt,
         "\"mamba\" is not built; known ones are llama, mistral, qwen2"},
        {{{"hidden_act", "relu"}}, ErrorCode::NotBuilt, "hidden_act \"relu\""},
        {{{"rope_scaling", {{"type", "longrope"}}}}, ErrorCode::NotBuilt, "RoPE type \"longrope\""},
        {{{"rope_scaling", {{"type", "linear"}}}}, ErrorCode::BadFile, "factor is missing"},
        {{{"rope_scaling", {{"type", "linear"}, {"factor", 0.0}}}}, ErrorCode::BadFile, "factor is 0"},
        {{{"rope_scaling", 5}}, ErrorCode::BadFile, "rope_scaling is 5"},
        {{{"rope_parameters", {{"full_attention", {{"rope_type", "default"}}}}}},
         ErrorCode::NotBuilt,
         "full_attention"},
        {{{"quantization_config", {{"quant_method", "gptq"}}}}, ErrorCode::NotBuilt, "gptq"},
        {{{"quantization_config", {{"load_in_8bit", true}}}}, ErrorCode::NotBuilt, "8 bits"},
        {{{"max_position_embeddings", 0}}, ErrorCode::BadFile, "max_position_embeddings is 0"},
    };
    for (const Hostile& one : cases) {
        const Error error = refusal(with(llama(), one.change));
        EXPECT_EQ(error.code(), one.code) << one.change;
        EXPECT_THAT(error.message(), AllOf(HasSubstr("model/config.json"), HasSubstr(one.named))) << one.change;
    }
}

TEST(ModelConfig, RefusesWhatIsNoJsonObject) {
    for (const std::string text : {"", "{", "[1]", "{\"model_type\": \"\xff\"}", "1e999"})
        EXPECT_EQ(errorOf([&] { parseModelConfig(text, "config.json"); }).code(), ErrorCode::BadFile) << text;
    const std::string deep(200000, '[');
    EXPECT_EQ(errorOf([&] { parseModelConfig(deep, "config.json"); }).code(), ErrorCode::BadFile);
}

TEST(ModelConfig, RefusesValuesNestedDeepInAnyField) {
    const std::string deep = std::string(1000000, '[') + std::string(1000000, ']');
    for (const std::string key : {"head_dim", "eos_token_id", "hidden_act", "rope_scaling"}) {
        std::string text = llama().dump();
        text.insert(text.size() - 1, ", \"" + key + "\": " + deep);
        EXPECT_EQ(errorOf([&] { parseModelConfig(text, "config.json"); }).code(), ErrorCode::BadFile) << key;
    }
}

/// A small Llama as GGUF metadata; `changed` overwrites one key, or leaves it out where the value is negative.
ModelConfig parseGguf(
    const std::string& changed = "", int64_t value = 0,
    const std::function<void(GgufBuilder&)>& add = [](GgufBuilder&) {}) {
    GgufBuilder builder;
    builder.string("general.architecture", "llama");
    const std::vector<std::pair<std::string, uint32_t>> fields = {
        {"block_count", 3},          {"embedding_length", 32},       {"feed_forward_length", 64},
        {"attention.head_count", 4}, {"attention.head_count_kv", 2}, {"context_length", 128},
        {"vocab_size", 100},         {"rope.dimension_count", 8},    {"attention.key_length", 8}};
    for (const auto& [name, number] : fields)
        if (name != changed)
            builder.uint32("llama." + name, number);
        else if (value >= 0)
            builder.uint32("llama." + name, uint32_t(value));
    builder.metadata("llama.attention.layer_norm_rms_epsilon", 6, GgufBuilder::bytes(1e-5f));
    builder.metadata("llama.rope.freq_base", 6, GgufBuilder::bytes(500.0f));
    add(builder);
    const TemporaryFolder folder;
    writeFileAtomically(folder / "model.gguf", builder.build());
    return modelConfigOf(GgufFile(folder / "model.gguf"), "model.gguf");
}

TEST(ModelConfig, ReadsGgufMetadata) {
    const ModelConfig config = parseGguf();
    EXPECT_EQ(config.architecture, "llama");
    EXPECT_EQ(config.vocabularySize, 100);
    EXPECT_EQ(config.layers, 3);
    EXPECT_EQ(config.headDim, 8);
    EXPECT_EQ(config.maxPositions, 128);
    EXPECT_EQ(config.rope.theta, 500.0);
    EXPECT_TRUE(config.tiedEmbeddings);
    EXPECT_EQ(parseGguf("attention.head_count_kv", -1).kvHeads, 4);
}

TEST(ModelConfig, TakesAGgufRopeFactorWithoutATypeAsLinear) {
    for (const char* key : {"llama.rope.scaling.factor", "llama.rope.scale_linear"}) {
        const RopeConfig rope =
            parseGguf("", 0, [&](GgufBuilder& builder) { builder.metadata(key, 6, GgufBuilder::bytes(4.0f)); }).rope;
        EXPECT_EQ(rope.type, RopeType::Linear) << key;
        EXPECT_EQ(rope.factor, 4.0) << key;
    }
    const RopeConfig off = parseGguf("", 0, [](GgufBuilder& builder) {
                               builder.string("llama.rope.scaling.type", "none");
                               builder.metadata("llama.rope.scaling.factor", 6, GgufBuilder::bytes(4.0f));
                           }).rope;
    EXPECT_EQ(off.type, RopeType::Default);
}

TEST(ModelConfig, RefusesHostileGgufMetadata) {
    const std::vector<std::pair<std::string, int64_t>> cases = {
        {"attention.head_count", 0}, {"block_count", 0},
        {"block_count", 1000000},    {"embedding_length", 0},
        {"block_count", -1},         {"vocab_size", 0},
        {"context_length", 0},       {"attention.key_length", 0},
        {"rope.dimension_count", 0}, {"attention.head_count", 4000000000}};
    for (const auto& [key, value] : cases) {
        const Error error = errorOf([&] { parseGguf(key, value); });
        EXPECT_EQ(error.code(), ErrorCode::BadFile) << key;
        EXPECT_THAT(error.message(), AllOf(HasSubstr("model.gguf"), HasSubstr("llama." + key))) << value;
    }
    EXPECT_THAT(errorOf([&] { parseGguf("attention.head_count_kv", 3); }).message(), HasSubstr("multiple of 3"));
    EXPECT_EQ(errorOf([&] { parseGguf("rope.dimension_count", 4); }).code(), ErrorCode::NotBuilt);
}

TEST(ModelConfig, IsTheSameFromAFolderAndFromGguf) {
    const std::filesystem::path folder = sourceFile("tests/data/model/llama_gqa");
    const ModelConfig fromJson = readModelConfig(folder);
    const ModelConfig gguf = readModelConfig(folder / "model.gguf");
    EXPECT_EQ(fromJson.vocabularySize, gguf.vocabularySize);
    EXPECT_EQ(fromJson.headDim, gguf.headDim);
    EXPECT_EQ(fromJson.kvHeads, gguf.kvHeads);
    EXPECT_EQ(fromJson.intermediateSize, gguf.intermediateSize);
    EXPECT_EQ(fromJson.normEpsilon, gguf.normEpsilon);
    EXPECT_EQ(fromJson.tiedEmbeddings, gguf.tiedEmbeddings);
    EXPECT_EQ(fromJson.rope.theta, gguf.rope.theta);
}

} // namespace
} // namespace lorikeet
