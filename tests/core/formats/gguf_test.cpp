// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/formats/gguf_file.h"
#include "core/formats/safetensors.h"
#include "tests/support/errors.h"
#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;

GgufFile everyType() {
    return GgufFile(sourceFile("tests/data/formats/every_type.gguf"));
}

TEST(Gguf, ReadsMetadataOfEveryType) {
    const GgufFile file = everyType();
    EXPECT_EQ(file.version(), 3u);
    EXPECT_EQ(file.keys().size(), 19u);
    EXPECT_EQ(file.keys().front(), "general.architecture");
    EXPECT_THAT(file.string("general.architecture"), Optional(std::string_view("llama")));
    EXPECT_THAT(file.integer("n.uint8"), Optional(200));
    EXPECT_THAT(file.integer("n.int8"), Optional(-100));
    EXPECT_THAT(file.integer("n.uint16"), Optional(60000));
    EXPECT_THAT(file.integer("n.int16"), Optional(-30000));
    EXPECT_THAT(file.integer("n.uint32"), Optional(4000000000));
    EXPECT_THAT(file.integer("n.int32"), Optional(-2000000000));
    EXPECT_THAT(file.integer("n.uint64"), Optional(INT64_MAX));
    EXPECT_THAT(file.integer("n.int64"), Optional(-(int64_t(1) << 62)));
    EXPECT_THAT(file.number("n.float32"), Optional(0.5));
    EXPECT_THAT(file.number("n.float64"), Optional(1e300));
    EXPECT_THAT(file.number("n.int8"), Optional(-100.0));
    EXPECT_THAT(file.boolean("n.true"), Optional(true));
    EXPECT_THAT(file.boolean("n.false"), Optional(false));
    EXPECT_THAT(file.string("s.text"), Optional(std::string_view("Grüße, 世界")));
    EXPECT_THAT(file.strings("a.strings"), Optional(ElementsAre("one", "", "dréi")));
    EXPECT_THAT(file.integers("a.integers"), Optional(ElementsAre(3, -4, 5)));
    EXPECT_THAT(file.numbers("a.floats"), Optional(ElementsAre(0.25, -1.5)));
    EXPECT_THAT(file.numbers("a.integers"), Optional(ElementsAre(3.0, -4.0, 5.0)));
    EXPECT_THAT(file.arrayLength("a.bools"), Optional(2u));
}

TEST(Gguf, AnAbsentKeyGivesNothing) {
    const GgufFile file = everyType();
    EXPECT_FALSE(file.has("absent"));
    EXPECT_FALSE(file.string("absent") || file.integer("absent") || file.number("absent") || file.boolean("absent"));
    EXPECT_FALSE(file.strings("absent") || file.integers("absent") || file.numbers("absent"));
}

TEST(Gguf, AValueOfAnotherTypeIsRefusedByName) {
    const GgufFile file = everyType();
    const auto expectRefused = [](std::string_view key, auto read) {
        const Error error = errorOf(read);
        EXPECT_EQ(error.code(), ErrorCode::BadFile);
        EXPECT_THAT(error.message(), HasSubstr("every_type.gguf"));
        EXPECT_THAT(error.message(), HasSubstr(std::string(key)));
    };
    expectRefused("n.uint8", [&] { file.string("n.uint8"); });
    expectRefused("s.text", [&] { file.integer("s.text"); });
    expectRefused("n.float32", [&] { file.integer("n.float32"); });
    expectRefused("n.too_large", [&] { file.integer("n.too_large"); });
    expectRefused("n.true", [&] { file.number("n.true"); });
    expectRefused("n.uint8", [&] { file.boolean("n.uint8"); });
    expectRefused("s.text", [&] { file.strings("s.text"); });
    expectRefused("a.integers", [&] { file.strings("a.integers"); });
    expectRefused("a.strings", [&] { file.integers("a.strings"); });
    expectRefused("a.floats", [&] { file.integers("a.floats"); });
    expectRefused("a.bools", [&] { file.numbers("a.bools"); });
    expectRefused("a.strings", [&] { file.string("a.strings"); });
}

TEST(Gguf, ValuesHaveAShortText) {
    const GgufFile file = everyType();
    EXPECT_EQ(file.valueText("n.int8"), "-100");
    EXPECT_EQ(file.valueText("n.true"), "true");
    EXPECT_EQ(file.valueText("s.text"), "'Grüße, 世界'");
    EXPECT_EQ(file.valueText("a.strings"), "3 x string");
}

/// The tensors of a file, each of its type, as the gguf package dequantized them.
class GgufTypes : public testing::TestWithParam<const char*> {};

TEST_P(GgufTypes, DecodeToTheBitsOfTheGgufPackage) {
    const GgufFile file = everyType();
    const auto expectedFile = openSafetensors(sourceFile("tests/data/formats/every_type.safetensors"));
    const TensorRecord& record = file.at(GetParam());
    const TensorRecord& expectedRecord = expectedFile->at(GetParam());
    EXPECT_EQ(storedTypeName(record.type), GetParam());
    EXPECT_EQ(record.shape, expectedRecord.shape);
    std::vector<float> expected(std::size_t(record.elements()));
    std::vector<float> actual(expected.size());
    decode(expectedRecord, 0, expected);
    decode(record, 0, actual);
    for (std::size_t i = 0; i < expected.size(); ++i)
        ASSERT_EQ(actual[i], expected[i]) << "element " << i;
}

TEST_P(GgufTypes, AnyPartDecodesAsTheWholeDoes) {
    const GgufFile file = everyType();
    const TensorRecord& record = file.at(GetParam());
    std::vector<float> whole(std::size_t(record.elements()));
    decode(record, 0, whole);
    const int64_t count = record.elements();
    for (int64_t first : {int64_t(0), int64_t(1), int64_t(7), count / 2, count - 1, count})
        for (int64_t length : {int64_t(0), int64_t(1), int64_t(31), int64_t(33), int64_t(600), count - first}) {
            if (length > count - first)
                continue;
            std::vector<float> part(std::size_t(length) + 1, -7.5f);
            decode(record, first, std::span(part).first(std::size_t(length)));
            EXPECT_EQ(part.back(), -7.5f);
            part.pop_back();
            EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin() + first)) << first << " " << length;
        }
    std::vector<float> two(2);
    EXPECT_EQ(errorOf([&] { decode(record, count - 1, two); }).code(), ErrorCode::InvalidArgument);
    EXPECT_EQ(errorOf([&] { decode(record, -1, two); }).code(), ErrorCode::InvalidArgument);
}

INSTANTIATE_TEST_SUITE_P(All, GgufTypes,
                         testing::Values("F32", "F16", "F64", "BF16", "I8", "I16", "I32", "Q4_0", "Q4_1", "Q5_0",
                                         "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K"),
                         [](const auto& type) { return std::string(type.param); });

TEST(Gguf, OpensTheVocabulariesOfLlamaCpp) {
    SKIP_WITHOUT_TEST_DATA("tokenizers/ggml-vocab-gpt-2.gguf");
    const GgufFile gpt2(testDataFolder() / "tokenizers/ggml-vocab-gpt-2.gguf");
    EXPECT_THAT(gpt2.string("tokenizer.ggml.model"), Optional(std::string_view("gpt2")));
    EXPECT_EQ(gpt2.strings("tokenizer.ggml.tokens")->size(), 50257u);
    EXPECT_EQ(gpt2.strings("tokenizer.ggml.tokens")->at(0), "!");
    const GgufFile llama(testDataFolder() / "tokenizers/ggml-vocab-llama-spm.gguf");
    EXPECT_EQ(llama.strings("tokenizer.ggml.tokens")->at(1), "<s>");
    EXPECT_EQ(llama.numbers("tokenizer.ggml.scores")->size(), 32000u);
    EXPECT_EQ(llama.integers("tokenizer.ggml.token_type")->at(0), 2);
}

TEST(Gguf, OpensARealModel) {
    SKIP_WITHOUT_TEST_MODEL();
    const GgufFile model(testModelPath());
    EXPECT_THAT(model.integer("llama.block_count"), Optional(30));
    EXPECT_EQ(model.at("token_embd.weight").shape, (std::vector<int64_t>{49152, 576}));
    std::vector<float> row(576);
    double sumOfSquares = 0;
    for (const TensorRecord& tensor : model.tensors()) {
        decode(tensor, tensor.elements() - 576, row);
        for (float value : row)
            sumOfSquares += double(value) * value;
        model.release(tensor);
    }
    EXPECT_TRUE(std::isfinite(sumOfSquares) && sumOfSquares > 0);
}

} // namespace
} // namespace lorikeet
