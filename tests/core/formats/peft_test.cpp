// SPDX-License-Identifier: GPL-3.0-or-later
// Against adapters that PEFT wrote: tests/data/make_peft_goldens.py.
#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/base/files.h"
#include "core/formats/peft_adapter.h"
#include "core/formats/safetensors.h"
#include "tests/support/errors.h"
#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using Names = std::vector<std::string>;

std::filesystem::path golden(std::string_view name) {
    return sourceFile("tests/data/formats") / name;
}

TEST(PeftConfig, ReadsWhatPeftWrote) {
    const PeftConfig list = readPeftConfig(golden("peft_list"));
    EXPECT_EQ(list.rank, 4);
    EXPECT_EQ(list.alpha, 8);
    EXPECT_EQ(list.taskType, "CAUSAL_LM");
    EXPECT_THAT(std::get<Names>(list.targetModules), testing::UnorderedElementsAre("q_proj", "down_proj"));
    EXPECT_TRUE(list.inferenceMode);
    EXPECT_EQ(list.init, PeftConfig::Init::Default);

    const PeftConfig regex = readPeftConfig(golden("peft_regex"));
    EXPECT_EQ(regex.rank, 3);
    EXPECT_EQ(regex.alpha, 6.5);
    EXPECT_EQ(regex.dropout, 0.05);
    EXPECT_EQ(regex.taskType, "");
    EXPECT_EQ(regex.baseModel, "tiny/Größe");
    EXPECT_EQ(regex.revision, "main");
    EXPECT_EQ(std::get<std::string>(regex.targetModules), ".*\\.(q|v)_proj");
    EXPECT_TRUE(regex.useRslora);
    EXPECT_THAT(regex.rankPattern, ElementsAre(Pair("v_proj", 5)));
    EXPECT_THAT(regex.alphaPattern, ElementsAre(Pair("v_proj", 10.0)));
    EXPECT_EQ(regex.init, PeftConfig::Init::Gaussian);
}

/// Takes a line that PEFT writes and we do not out of a text.
std::string withoutLine(std::string text, std::string_view line) {
    const std::size_t at = text.find(line);
    EXPECT_NE(at, std::string::npos);
    return text.erase(at, line.size());
}

TEST(PeftConfig, AFolderNamedInAnyBytesIsWritten) {
    PeftConfig config;
    config.baseModel = "models/\xff";
    EXPECT_THAT(peftConfigText(config), HasSubstr(R"("base_model_name_or_path": "models/\ufffd")"));
}

TEST(PeftConfig, IsWrittenToTheLetterAsPeftWritesIt) {
    const std::string list = readTextFile(golden("peft_list") / kPeftConfigFile);
    EXPECT_EQ(peftConfigText(readPeftConfig(golden("peft_list"))),
              withoutLine(list, "  \"peft_version\": \"0.21.2\",\n"));

    nlohmann::json regex = nlohmann::json::parse(readTextFile(golden("peft_regex") / kPeftConfigFile));
    regex.erase("peft_version");
    regex["auto_mapping"] = nullptr;
    EXPECT_EQ(nlohmann::json::parse(peftConfigText(readPeftConfig(golden("peft_regex")))), regex);
}

class PeftFolder : public testing::Test {
protected:
    /// A config that is right, with one key replaced or added.
    Error errorWith(std::string_view key, const nlohmann::json& value) const {
        nlohmann::json json = nlohmann::json::parse(readTextFile(golden("peft_list") / kPeftConfigFile));
        json[std::string(key)] = value;
        writeFileAtomically(m_folder / kPeftConfigFile, json.dump());
        const Error error = errorOf([&] { readPeftConfig(m_folder.path()); });
        EXPECT_THAT(error.message(), HasSubstr("adapter_config.json"));
        EXPECT_THAT(error.message(), HasSubstr(std::string(key)));
        return error;
    }
    PeftConfig configWith(const nlohmann::json& changes) const {
        nlohmann::json json = nlohmann::json::parse(readTextFile(golden("peft_list") / kPeftConfigFile));
        json.update(changes);
        writeFileAtomically(m_folder / kPeftConfigFile, json.dump());
        return readPeftConfig(m_folder.path());
    }
    TensorRecord record(std::string name, std::vector<int64_t> shape) const {
        const std::size_t elements = std::size_t(shape[0] * (shape.size() > 1 ? shape[1] : 1));
        return {std::move(name), StoredType::F32, std::move(shape),
                std::as_bytes(std::span(m_floats)).first(elements * 4)};
    }
    /// What opening an adapter with these tensors (full names) says.
    Error errorOfTensors(const std::vector<TensorRecord>& tensors) const {
        configWith(nlohmann::json::object());
        writeSafetensors(m_folder / kPeftTensorFile, tensors);
        return errorOf([&] { openPeftAdapter(m_folder.path()); });
    }

    TemporaryFolder m_folder;
    std::vector<float> m_floats = std::vector<float>(1000, 0.5f);
};

std::vector<float> decoded(const TensorRecord& record) {
    std::vector<float> values(std::size_t(record.elements()));
    decode(record, 0, values);
    return values;
}

TEST_F(PeftFolder, WhatIsNotBuiltIsRefusedByName) {
    const std::pair<const char*, nlohmann::json> wishes[] = {
        {"use_qalora", true},
        {"lora_bias", true},
        {"bias", "all"},
        {"target_parameters", {"x"}},
        {"layer_replication", {{0, 1}}},
        {"exclude_modules", "q_proj"},
        {"layers_pattern", "layers"},
        {"trainable_token_indices", {1, 2}},
        {"loftq_config", {{"loftq_bits", 4}}},
        {"init_lora_weights", "pissa"},
        {"init_lora_weights", nullptr},
        {"qalora_group_size", 8},
        {"task_type", "SEQ_CLS"},
        {"peft_type", "IA3"},
        {"peft_type", nullptr},
        {"target_modules", nullptr},
        {"a_key_of_the_future", 1},
    };
    for (const auto& [key, value] : wishes)
        EXPECT_EQ(errorWith(key, value).code(), ErrorCode::NotBuilt) << key;
}

TEST_F(PeftFolder, WrongValuesAreRefusedByName) {
    const std::pair<const char*, nlohmann::json> values[] = {
        {"r", 0},
        {"r", 2.5},
        {"r", "4"},
        {"r", int64_t(1) << 40},
        {"r", nullptr},
        {"lora_alpha", "8"},
        {"lora_dropout", 1.0},
        {"lora_dropout", -0.1},
        {"target_modules", nlohmann::json::array()},
        {"target_modules", ""},
        {"target_modules", {1}},
        {"use_rslora", "yes"},
        {"rank_pattern", {1}},
        {"rank_pattern", {{"q", 0}}},
        {"alpha_pattern", {{"q", "1"}}},
        {"layers_to_transform", {-1}},
        {"layers_to_transform", "all"},
        {"base_model_name_or_path", 1},
        {"use_dora", 1},
        {"modules_to_save", "lm_head"},
        {"modules_to_save", {""}},
    };
    for (const auto& [key, value] : values)
        EXPECT_EQ(errorWith(key, value).code(), ErrorCode::BadFile) << key << " " << value;
}

TEST_F(PeftFolder, NullsAndEmptyValuesAreDefaults) {
    const PeftConfig plain = configWith(nlohmann::json::object());
    EXPECT_EQ(configWith({{"rank_pattern", nullptr},
                          {"alpha_pattern", nullptr},
                          {"layers_to_transform", nullptr},
                          {"modules_to_save", nlohmann::json::array()},
                          {"exclude_modules", ""},
                          {"use_rslora", nullptr},
                          {"use_dora", nullptr},
                          {"a_key_of_the_future", false}}),
              plain);
    EXPECT_THAT(configWith({{"layers_to_transform", 1}}).layersToTransform, ElementsAre(1));
    EXPECT_THAT(configWith({{"layers_to_transform", {0, 1}}}).layersToTransform, ElementsAre(0, 1));
    EXPECT_EQ(configWith({{"init_lora_weights", false}}).init, PeftConfig::Init::None);
}

TEST_F(PeftFolder, BadJsonIsRefused) {
    for (const char* text : {"", "[]", "{}", "{\"r\":1", "{\"peft_type\":\"LORA\",\"peft_type\":\"LORA\"}",
                             "{\"peft_type\":\"LORA\"}", "\xff"}) {
        writeFileAtomically(m_folder / kPeftConfigFile, text);
        const Error error = errorOf([&] { readPeftConfig(m_folder.path()); });
        EXPECT_EQ(error.code(), ErrorCode::BadFile) << text;
        EXPECT_THAT(error.message(), HasSubstr("adapter_config.json"));
    }
}

TEST(PeftAdapter, OpensWhatPeftWrote) {
    const PeftAdapter adapter = openPeftAdapter(golden("peft_regex"));
    ASSERT_EQ(adapter.pairs.size(), 4u);
    EXPECT_EQ(adapter.pairs[0].path, "model.layers.0.self_attn.q_proj");
    EXPECT_EQ(adapter.pairs[0].a->shape, (std::vector<int64_t>{3, 32}));
    EXPECT_EQ(adapter.pairs[1].path, "model.layers.0.self_attn.v_proj");
    EXPECT_EQ(adapter.pairs[1].b->shape, (std::vector<int64_t>{16, 5}));
}

TEST_F(PeftFolder, ComesBackAsItWasWritten) {
    PeftConfig config;
    config.targetModules = Names{"q_proj"};
    config.layersToTransform = {0};
    config.rankPattern = {{"x", 3}};
    const std::string path = "model.layers.0.self_attn.q_proj";
    const auto folder = m_folder / "new" / "adapter";
    const std::vector<TensorRecord> records{record(path + ".lora_B.weight", {6, 8}),
                                            record(path + ".lora_A.weight", {8, 4})};
    std::vector<float> values;
    writePeftAdapter(folder, config, records, [&](std::size_t index) {
        values.assign(std::size_t(records[index].elements()), float(index + 1));
        return std::as_bytes(std::span(std::as_const(values)));
    });
    const PeftAdapter adapter = openPeftAdapter(folder);
    EXPECT_EQ(adapter.config, config);
    ASSERT_EQ(adapter.pairs.size(), 1u);
    EXPECT_EQ(adapter.pairs[0].path, path);
    EXPECT_EQ(adapter.pairs[0].a->name, "base_model.model." + path + ".lora_A.weight");
    EXPECT_THAT(decoded(*adapter.pairs[0].a), testing::Each(2.0f));
    EXPECT_THAT(decoded(*adapter.pairs[0].b), testing::Each(1.0f));
    EXPECT_EQ(errorOf([&] {
                  writePeftAdapter(folder, config, {record("x.weight", {1, 1})},
                                   [](std::size_t) { return std::span<const std::byte>(); });
              }).code(),
              ErrorCode::InvalidArgument);
}

TEST_F(PeftFolder, TensorsThatAreNoPairsAreRefused) {
    const std::string layer = "base_model.model.l.q";
    const auto a = record(layer + ".lora_A.weight", {4, 8});
    const auto b = record(layer + ".lora_B.weight", {8, 4});
    EXPECT_THAT(errorOfTensors({a}).message(), HasSubstr("no lora_B"));
    EXPECT_THAT(errorOfTensors({b}).message(), HasSubstr("no lora_A"));
    EXPECT_THAT(errorOfTensors({a, record(layer + ".lora_B.weight", {8, 5})}).message(), HasSubstr("ranks differ"));
    EXPECT_THAT(errorOfTensors({a, record(layer + ".lora_B.weight", {32})}).message(), HasSubstr("not a matrix"));
    EXPECT_THAT(errorOfTensors({a, b, record(layer + ".lora_magnitude_vector", {8})}).message(),
                HasSubstr("use_dora is false"));
    EXPECT_THAT(errorOfTensors({a, b, record("base_model.model.lm_head.weight", {8, 4})}).message(),
                HasSubstr("names no modules_to_save"));
    EXPECT_EQ(errorOfTensors({a, b, record("base_model.model.l.lora_embedding_A", {8, 4})}).code(),
              ErrorCode::NotBuilt);
    EXPECT_EQ(errorOfTensors({record("q.lora_A.weight", {4, 8})}).code(), ErrorCode::BadFile);
    EXPECT_EQ(errorOfTensors({}).code(), ErrorCode::BadFile);
}

TEST_F(PeftFolder, APickleIsRefusedWithAdvice) {
    configWith(nlohmann::json::object());
    writeFileAtomically(m_folder / "adapter_model.bin", "PK\x03\x04");
    EXPECT_THAT(errorOf([&] { openPeftAdapter(m_folder.path()); }).message(), HasSubstr("pickle"));
}

} // namespace
} // namespace lorikeet
