// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/adapter.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/core/model/golden_model.h"
#include "tests/support/errors.h"
#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

using Names = std::vector<std::string>;

ModelConfig tinyConfig() {
    return readModelConfig(sourceFile("tests/data/model/llama_gqa"));
}

std::shared_ptr<const BaseModel> tinyBase(ExecutionContext& context) {
    return loadExactly(context, sourceFile("tests/data/model/llama_gqa"));
}

std::vector<std::string> pathsOf(const LoraSpec& spec) {
    std::vector<std::string> paths;
    for (const LoraTarget& target : loraTargets(tinyConfig(), spec))
        paths.push_back(linearPath(target.layer, target.role).substr(std::string("model.layers.").size()));
    return paths;
}

LoraSpec targeting(std::variant<std::string, Names> targets) {
    LoraSpec spec;
    spec.targetModules = std::move(targets);
    return spec;
}

TEST(LoraTargets, AllLinearIsEveryLinearLayerOfTheDecoder) {
    EXPECT_EQ(pathsOf(targeting("all-linear")).size(), 14u);
}

TEST(LoraTargets, AListGivesWholePathsOrWhatFollowsADot) {
    EXPECT_THAT(pathsOf(targeting(Names{"v_proj", "model.layers.1.self_attn.q_proj", "proj", "oj"})),
                ElementsAre("0.self_attn.v_proj", "1.self_attn.q_proj", "1.self_attn.v_proj"));
}

TEST(LoraTargets, AnExpressionMustMatchTheWholePath) {
    EXPECT_THAT(pathsOf(targeting(R"(.*\.1\..*\.(up|down)_proj)")), ElementsAre("1.mlp.up_proj", "1.mlp.down_proj"));
    EXPECT_EQ(errorOf([] { pathsOf(targeting("up_proj")); }).code(), ErrorCode::BadConfig);
}

TEST(LoraTargets, NamesThatFitNothingAreSaidWithThoseThatWould) {
    EXPECT_THAT(errorOf([] { pathsOf(targeting(Names{"q_prj"})); }).message(),
                testing::AllOf(HasSubstr("[\"q_prj\"]"), HasSubstr("q_proj, k_proj")));
    EXPECT_THAT(errorOf([] { pathsOf(targeting("q_proj")); }).message(),
                testing::AllOf(HasSubstr("\"q_proj\""), HasSubstr("model.layers.0.self_attn.q_proj")));
}

TEST(LoraTargets, LayersNarrowTheChoice) {
    LoraSpec spec = targeting(Names{"k_proj"});
    spec.layers = {1};
    EXPECT_THAT(pathsOf(spec), ElementsAre("1.self_attn.k_proj"));
}

TEST(LoraTargets, PatternsGiveRankAndAlphaByPath) {
    LoraSpec spec = targeting(Names{"q_proj", "k_proj"});
    spec.rank = 8;
    spec.alpha = 16;
    spec.rankPattern = {{"layers.1.self_attn.q_proj", 4}, {"self_attn.k", 99}};
    spec.alphaPattern = {{R"(.*\.k_proj)", 2.0f}};
    std::vector<std::pair<int, float>> found;
    for (const LoraTarget& target : loraTargets(tinyConfig(), spec))
        found.emplace_back(target.rank, target.scale);
    using Pair = std::pair<int, float>;
    EXPECT_THAT(found, ElementsAre(Pair{8, 2.0f}, Pair{8, 0.25f}, Pair{4, 4.0f}, Pair{8, 0.25f}));
}

TEST(LoraTargets, RsloraDividesByTheRootOfTheRank) {
    LoraSpec spec;
    spec.rank = 9;
    spec.alpha = 6;
    spec.useRslora = true;
    EXPECT_FLOAT_EQ(loraTargets(tinyConfig(), spec)[0].scale, 2.0f);
}

TEST(LoraTargets, ALayerIsSavedWholeOrGetsLora) {
    LoraSpec spec = targeting(Names{"up_proj", "down_proj"});
    spec.modulesToSave = {"1.mlp.up_proj", "layers.0.mlp.down_proj"};
    EXPECT_THAT(pathsOf(spec), ElementsAre("0.mlp.up_proj", "1.mlp.down_proj"));
    spec.modulesToSave = {"wn_proj"}; // PEFT saves what ends so, but takes only what follows a dot from LoRA
    EXPECT_THAT(errorOf([&] { pathsOf(spec); }).message(),
                testing::AllOf(HasSubstr("\"wn_proj\" fits model.layers.0.mlp.down_proj"), HasSubstr("PEFT")));
    spec.targetModules = Names{"up_proj"};
    EXPECT_EQ(pathsOf(spec).size(), 2u);
}

TEST(LoraTargets, RefusesWhatCannotBe) {
    const auto refused = [](auto change) {
        LoraSpec spec;
        change(spec);
        return errorOf([&] { loraTargets(tinyConfig(), spec); });
    };
    EXPECT_THAT(refused([](LoraSpec& s) { s.rank = 0; }).message(), HasSubstr("r is 0"));
    EXPECT_THAT(refused([](LoraSpec& s) { s.alpha = -1; }).message(), HasSubstr("lora_alpha is -1"));
    EXPECT_THAT(refused([](LoraSpec& s) { s.dropout = 1; }).message(), HasSubstr("lora_dropout is 1"));
    EXPECT_THAT(refused([](LoraSpec& s) { s.layers = {2}; }).message(), HasSubstr("2 is no layer of a model of 2"));
    EXPECT_THAT(refused([](LoraSpec& s) { s.targetModules = Names{"c_attn"}; }).message(),
                HasSubstr("no linear layer"));
    EXPECT_THAT(refused([](LoraSpec& s) { s.targetModules = "(q_proj"; }).message(),
                HasSubstr("no regular expression"));
    EXPECT_THAT(refused([](LoraSpec& s) { s.targetModules = R"((([a-z_.0-9]+)*)*[!?])"; }).message(),
                HasSubstr("too many steps"));
    std::string manyGroups; // few steps, but a gigabyte for what each remembers
    for (int i = 0; i < 6000; ++i)
        manyGroups += "(a?)";
    EXPECT_THAT(refused([&](LoraSpec& s) { s.targetModules = manyGroups + ".*"; }).message(),
                HasSubstr("too much memory"));
    EXPECT_THAT(refused([](LoraSpec& s) { s.modulesToSave = Names(5000, "norm"); }).message(),
                HasSubstr("modules_to_save has 5000 entries"));
    EXPECT_THAT(refused([](LoraSpec& s) { s.rankPattern = {{"q_proj", 0}}; }).message(), HasSubstr("q_proj is 0"));
    const Error head = refused([](LoraSpec& s) { s.targetModules = Names{"q_proj", "lm_head"}; });
    EXPECT_EQ(head.code(), ErrorCode::NotBuilt);
    EXPECT_THAT(head.message(), HasSubstr("lm_head"));
    const Error fittedHead = refused([](LoraSpec& s) { s.targetModules = ".*_proj|lm_head"; });
    EXPECT_EQ(fittedHead.code(), ErrorCode::NotBuilt);
    EXPECT_THAT(fittedHead.message(), HasSubstr("lm_head"));
    LoraSpec saved; // then PEFT makes no adapter on it either
    saved.targetModules = ".*_proj|lm_head";
    saved.modulesToSave = {"lm_head"};
    EXPECT_EQ(loraTargets(tinyConfig(), saved).size(), 14u);
}

TEST(LoraAdapter, BeginsWithUniformAAndZeroB) {
    const TestDevice device;
    LoraSpec spec;
    spec.rank = 32;
    const LoraAdapter adapter(*device, *tinyBase(*device), spec, 7, true);
    std::set<float> firsts;
    for (std::size_t i = 0; i < adapter.parameters().size(); i += 2) {
        const Parameter& a = adapter.parameters()[i];
        const std::vector<float> values = device.floats(a.value);
        const float bound = 1.0f / std::sqrt(float(a.value.shape()[1]));
        const auto [low, high] = std::minmax_element(values.begin(), values.end());
        EXPECT_GE(*low, -bound);
        EXPECT_LE(*high, bound);
        EXPECT_LT(*low, -0.95f * bound) << a.name;
        EXPECT_GT(*high, 0.95f * bound) << a.name;
        firsts.insert(values[0]);
        EXPECT_THAT(device.floats(adapter.parameters()[i + 1].value), testing::Each(0.0f));
    }
    EXPECT_EQ(firsts.size(), adapter.parameters().size() / 2) << "each layer has a sequence of its own";
}

TEST(LoraAdapter, BeginsTheSameFromTheSameSeed) {
    const TestDevice device;
    const auto first = [&](uint64_t seed) {
        const LoraAdapter adapter(*device, *tinyBase(*device), LoraSpec{}, seed, false);
        return device.floats(adapter.parameters()[0].value);
    };
    EXPECT_EQ(first(1), first(1));
    EXPECT_NE(first(1), first(2));
}

TEST(LoraAdapter, BooksParametersAndGradients) {
    const TestDevice device;
    const auto base = tinyBase(*device);
    const LoraAdapter frozen(*device, *base, LoraSpec{}, 7, false);
    EXPECT_EQ(device.backend.ledger().live()[MemoryTag::Adapters], 4 * frozen.parameterCount());
    EXPECT_EQ(device.backend.ledger().live()[MemoryTag::Gradients], 0);
    const LoraAdapter trained(*device, *base, LoraSpec{}, 7, true);
    EXPECT_EQ(device.backend.ledger().live()[MemoryTag::Gradients], 4 * trained.parameterCount());
    EXPECT_EQ(trained.parameters()[0].name, "model.layers.0.self_attn.q_proj.lora_A.weight");
}

} // namespace
} // namespace lorikeet
