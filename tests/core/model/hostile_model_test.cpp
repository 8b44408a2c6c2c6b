// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/base/files.h"
#include "core/formats/safetensors.h"
#include "tests/core/model/golden_model.h"
#include "tests/support/errors.h"
#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

/// A golden model whose configuration and tensors a test changes before it is opened.
class HostileModel : public testing::Test {
protected:
    explicit HostileModel(const std::string& name = "llama_gqa")
        : source(openSafetensors(sourceFile("tests/data/model/" + name) / "model.safetensors")),
          tensors(source->tensors()),
          config(json::parse(readTextFile(sourceFile("tests/data/model/" + name) / "config.json"))) {}

    TensorRecord& tensor(const std::string& name) {
        for (TensorRecord& record : tensors)
            if (record.name == name)
                return record;
        throw std::out_of_range(name);
    }

    std::shared_ptr<const BaseModel> open(const LoadOptions& options = {}) {
        writeSafetensors(folder / "model.safetensors", tensors);
        writeFileAtomically(folder / "config.json", config.dump());
        return BaseModel::load(*device, folder.path(), options);
    }

    void expectRefused(std::initializer_list<const char*> words, const LoadOptions& options = {}) {
        const Error error = errorOf([&] { open(options); });
        EXPECT_EQ(error.code(), ErrorCode::BadFile);
        EXPECT_THAT(error.message(), HasSubstr(folder.path().string()));
        for (const char* word : words)
            EXPECT_THAT(error.message(), HasSubstr(word));
    }

    TestDevice device;
    TemporaryFolder folder;
    std::unique_ptr<TensorFile> source;
    std::vector<TensorRecord> tensors;
    json config;
};

class HostileTiedModel : public HostileModel {
protected:
    HostileTiedModel() : HostileModel("llama_biases_tied") {}
};

TEST_F(HostileModel, OpensAsItIs) {
    EXPECT_NE(open(), nullptr);
}

TEST_F(HostileModel, RefusesAMissingTensor) {
    std::erase_if(tensors, [](const TensorRecord& record) { return record.name == "model.norm.weight"; });
    expectRefused({"model.norm.weight"});
}

TEST_F(HostileModel, RefusesAnExtraTensor) {
    TensorRecord extra = tensor("model.norm.weight");
    extra.name = "model.layers.2.input_layernorm.weight";
    tensors.push_back(extra);
    expectRefused({"model.layers.2.input_layernorm.weight", "no place"});
}

TEST_F(HostileModel, LetsOldRopeFrequenciesBe) {
    TensorRecord extra = tensor("model.norm.weight");
    extra.name = "model.layers.0.self_attn.rotary_emb.inv_freq";
    tensors.push_back(extra);
    EXPECT_NO_THROW(open());
}

TEST_F(HostileModel, RefusesWeightsUnlikeTheConfigurationWithBothShapes) {
    config["intermediate_size"] = 48;
    expectRefused({"mlp.gate_proj.weight", "[40, 32]", "[48, 32]"});
}

TEST_F(HostileModel, RefusesAVocabularyUnlikeTheEmbedding) {
    config["vocab_size"] = 49;
    expectRefused({"model.embed_tokens.weight", "[48, 32]", "[49, 32]"});
}

TEST_F(HostileModel, RefusesAMissingHeadThatIsNotTied) {
    std::erase_if(tensors, [](const TensorRecord& record) { return record.name == "lm_head.weight"; });
    expectRefused({"lm_head.weight"});
}

TEST_F(HostileModel, RefusesANumberThatIsNone) {
    std::vector<float> values(std::size_t(32 * 48), 1.0f);
    values[77] = std::numeric_limits<float>::quiet_NaN();
    TensorRecord& q = tensor("model.layers.1.self_attn.q_proj.weight");
    q.bytes = std::as_bytes(std::span(values));
    LoadOptions options;
    options.quantization = QuantizationSpec{};
    expectRefused({"model.layers.1.self_attn.q_proj.weight"}, options);
}

TEST_F(HostileModel, UsesBothTablesWhereTheTiedFlagIsContradicted) {
    config["tie_word_embeddings"] = true;
    EXPECT_FALSE(open()->config().tiedEmbeddings);
}

TEST_F(HostileTiedModel, TakesAHeadThatEqualsTheEmbedding) {
    TensorRecord head = tensor("model.embed_tokens.weight");
    head.name = "lm_head.weight";
    tensors.push_back(head);
    EXPECT_TRUE(open()->config().tiedEmbeddings);
}

TEST_F(HostileTiedModel, RefusesABiasThatTheConfigurationDenies) {
    config["mlp_bias"] = false;
    expectRefused({"mlp", "bias", "no place"});
}

class BitsandbytesModel : public HostileModel {
protected:
    BitsandbytesModel() : HostileModel("llama_bnb4") {}
};

TEST_F(BitsandbytesModel, KeepsItsOwnQuantizationAndWhatItLeftOut) {
    const auto base = open();
    ASSERT_TRUE(base->quantization());
    EXPECT_EQ(*base->quantization(), QuantizationSpec{});
    EXPECT_TRUE(base->weight({BaseTensor::Kind::Weight, 0, LinearRole::Up}).isQuantized());
    EXPECT_FALSE(base->weight({BaseTensor::Kind::Weight, 1, LinearRole::Up}).isQuantized());
    LoadOptions same;
    same.quantization = QuantizationSpec{};
    EXPECT_FALSE(open(same)->weight({BaseTensor::Kind::Weight, 1, LinearRole::Up}).isQuantized());
}

TEST_F(BitsandbytesModel, RefusesAnotherQuantization) {
    LoadOptions other;
    other.quantization = QuantizationSpec{QuantType::Fp4, 64, true};
    const Error error = errorOf([&] { open(other); });
    EXPECT_EQ(error.code(), ErrorCode::BadConfig);
    EXPECT_THAT(error.message(), HasSubstr("nf4"));
}

TEST_F(BitsandbytesModel, RefusesAShapeUnlikeTheConfiguration) {
    config["num_key_value_heads"] = 4;
    expectRefused({"self_attn.k_proj.weight", "[32, 64]", "[64, 64]"});
}

TEST_F(HostileModel, LoadsWithProgressAndStopsOnRequest) {
    std::vector<double> fractions;
    LoadOptions options;
    std::stop_source stop;
    options.stop = stop.get_token();
    options.progress = [&](double fraction) { fractions.push_back(fraction); };
    open(options);
    EXPECT_TRUE(std::is_sorted(fractions.begin(), fractions.end()));
    EXPECT_DOUBLE_EQ(fractions.back(), 1.0);

    const int64_t before = device.backend.ledger().live().total();
    options.progress = [&](double) { stop.request_stop(); };
    EXPECT_EQ(errorOf([&] { open(options); }).code(), ErrorCode::Cancelled);
    EXPECT_EQ(device.backend.ledger().live().total(), before) << "nothing is left of it";
}

TEST_F(HostileModel, RefusesAModelThatIsNotThere) {
    EXPECT_EQ(errorOf([&] { BaseModel::load(*device, folder / "nowhere", {}); }).code(), ErrorCode::NotFound);
    EXPECT_EQ(errorOf([&] { BaseModel::load(*device, folder.path(), {}); }).code(), ErrorCode::NotFound);
}

TEST(BatchUpload, RefusesWhatDoesNotFitTogether) {
    const TestDevice device;
    const std::vector<int32_t> tokens = {1, 2, 3}, offsets = {0, 3}, rows = {0, 2}, targets = {2, 1};
    const auto refused = [&](BatchSpans spans) {
        return errorOf([&] { uploadBatch(*device, spans, 4); }).code() == ErrorCode::InvalidArgument;
    };
    const BatchSpans good = {tokens, offsets, {}, rows, targets};
    EXPECT_EQ(uploadBatch(*device, good, 4).positionLimit, 3);
    using Ints = std::vector<int32_t>;
    const Ints large = {1, 4, 3}, negative = {1, -1, 3}, shortOffsets = {0, 2}, unsorted = {0, 2, 1, 3}, late = {0, 3},
               twice = {1, 1}, one = {1}, below = {0, -1, 2};
    EXPECT_TRUE(refused({large, offsets, {}, rows, targets}));
    EXPECT_TRUE(refused({negative, offsets, {}, rows, targets}));
    EXPECT_TRUE(refused({tokens, shortOffsets, {}, rows, targets}));
    EXPECT_TRUE(refused({tokens, unsorted, {}, rows, targets}));
    EXPECT_TRUE(refused({tokens, offsets, one, rows, targets}));
    EXPECT_TRUE(refused({tokens, offsets, below, rows, targets}));
    EXPECT_TRUE(refused({tokens, offsets, {}, late, targets}));
    EXPECT_TRUE(refused({tokens, offsets, {}, twice, targets}));
    EXPECT_TRUE(refused({tokens, offsets, {}, one, targets}));
    EXPECT_TRUE(refused({{}, {}, {}, {}, {}}));
}

} // namespace
} // namespace lorikeet
