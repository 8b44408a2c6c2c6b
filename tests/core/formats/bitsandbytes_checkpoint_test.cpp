// SPDX-License-Identifier: GPL-3.0-or-later
// Against checkpoints that transformers and bitsandbytes wrote: tests/data/make_bitsandbytes_checkpoints.py.
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <optional>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/base/files.h"
#include "core/base/thread_pool.h"
#include "core/formats/bitsandbytes_checkpoint.h"
#include "core/formats/safetensors.h"
#include "tests/support/errors.h"
#include "tests/support/measured.h"
#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

using testing::HasSubstr;

constexpr const char* kGate = "model.layers.0.mlp.gate_proj.weight";
constexpr const char* kQuery = "model.layers.0.self_attn.q_proj.weight";

std::filesystem::path golden(std::string_view name) {
    return sourceFile("tests/data/formats") / name;
}

class BitsandbytesCheckpoint : public testing::TestWithParam<const char*> {
protected:
    BitsandbytesCheckpoint() : m_file(openSafetensors(golden(GetParam()) / "model.safetensors")) {}

    std::unique_ptr<TensorFile> m_file;
};

TEST_P(BitsandbytesCheckpoint, DequantizesToTheSameValues) {
    const auto expectedFile = openSafetensors(golden(GetParam()) / "expected.safetensors");
    for (const char* name : {kGate, kQuery}) {
        ASSERT_TRUE(isBitsandbytesWeight(*m_file, name));
        const QuantizedData data = readBitsandbytesWeight(*m_file, name);
        EXPECT_EQ(quantTypeName(data.spec.type), std::string_view(GetParam()).substr(4));
        const TensorRecord& record = expectedFile->at(name);
        EXPECT_EQ(data.shape, (Shape{record.shape[0], record.shape[1]}));
        std::vector<float> expected(std::size_t(record.elements()));
        std::vector<float> actual(expected.size());
        decode(record, 0, expected);
        dequantize(data, actual);
        const std::vector<float> scales = blockScales(data);
        for (std::size_t i = 0; i < expected.size(); ++i) // but for the rounding of the scale's sum
            ASSERT_NEAR(actual[i], expected[i], 2e-7f * scales[i / 64]) << i;
    }
}

TEST_P(BitsandbytesCheckpoint, ComesBackToTheByte) {
    const TemporaryFolder folder;
    BitsandbytesWriter writer(readBitsandbytesWeight(*m_file, kGate).spec);
    for (const TensorRecord& record : m_file->tensors()) {
        if (isBitsandbytesWeight(*m_file, record.name))
            writer.addQuantized(record.name, readBitsandbytesWeight(*m_file, record.name));
        else if (!isBitsandbytesState(record.name))
            writer.add(record);
    }
    writer.write(folder.path(), readTextFile(golden(GetParam()) / "config.json"), "bfloat16");
    const auto written = openSafetensors(folder.path());
    EXPECT_EQ(written->tensors().size(), m_file->tensors().size());
    for (const TensorRecord& record : m_file->tensors()) {
        SCOPED_TRACE(record.name);
        const TensorRecord& ours = written->at(record.name);
        // Codes that were stored as another type come as bytes, as bitsandbytes does by default.
        ASSERT_EQ(ours.bytes.size(), record.bytes.size());
        EXPECT_EQ(std::memcmp(ours.bytes.data(), record.bytes.data(), record.bytes.size()), 0);
    }
    const auto config = nlohmann::json::parse(readTextFile(folder / "config.json"))["quantization_config"];
    const auto theirs = nlohmann::json::parse(readTextFile(golden(GetParam()) / "config.json"))["quantization_config"];
    for (const char* key : {"quant_method", "load_in_4bit", "load_in_8bit", "bnb_4bit_quant_type",
                            "bnb_4bit_use_double_quant", "llm_int8_skip_modules"})
        EXPECT_EQ(config[key], theirs[key]) << key;
}

INSTANTIATE_TEST_SUITE_P(All, BitsandbytesCheckpoint, testing::Values("bnb_nf4", "bnb_fp4"),
                         [](const auto& name) { return std::string(name.param); });

/// Values that bitsandbytes dequantized of any checkpoint, in expected.safetensors beside it: what
/// scripts/check_bitsandbytes_checkpoint.py asks for.
TEST(BitsandbytesFolder, DequantizesToTheValuesBesideIt) {
    const char* folder = std::getenv("LORIKEET_TEST_CHECKPOINT");
    if (!folder)
        GTEST_SKIP() << "LORIKEET_TEST_CHECKPOINT is not set";
    const auto expectedFile = openSafetensors(std::filesystem::path(folder) / "expected.safetensors");
    const auto file = openSafetensors(std::filesystem::path(folder) / "model.safetensors");
    double largest = 0.0;
    for (const TensorRecord& record : expectedFile->tensors()) {
        const QuantizedData data = readBitsandbytesWeight(*file, record.name);
        ASSERT_EQ(data.shape, (Shape{record.shape[0], record.shape[1]})) << record.name;
        std::vector<float> expected(std::size_t(record.elements()));
        std::vector<float> actual(expected.size());
        decode(record, 0, expected);
        dequantize(data, actual);
        const std::vector<float> scales = blockScales(data);
        for (std::size_t i = 0; i < expected.size(); ++i) {
            const double scale = std::max(1e-30, double(scales[i / std::size_t(data.spec.blocksize)]));
            largest = worse(largest, std::abs(double(actual[i]) - double(expected[i])) / scale);
        }
    }
    RecordProperty("weights", std::to_string(expectedFile->tensors().size()));
    RecordProperty("largest_difference", fmt::format("{:.6e}", largest));
    EXPECT_LE(largest, 2e-7); // but for the rounding of the scale's sum
}

TEST(BitsandbytesWriter, ScalesLikePythonAndOddSizes) {
    const TemporaryFolder folder;
    ThreadPool pool(1);
    BitsandbytesWriter writer({QuantType::Nf4, 64, true});
    writer.addQuantized("a.weight", quantize(std::vector<float>(63 * 3, 2.0f), {63, 3}, {}, pool), "float32");
    writer.write(folder.path(), "{}", "float32", {"lm_head", "x"});
    const auto file = openSafetensors(folder.path());
    const TensorRecord& state = file->at("a.weight.quant_state.bitsandbytes__nf4");
    EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(state.bytes.data()), state.bytes.size()),
              R"({"quant_type": "nf4", "blocksize": 64, "dtype": "float32", "shape": [63, 3], )"
              R"("nested_blocksize": 256, "nested_dtype": "float32", "nested_offset": 2.0})");
    EXPECT_EQ(file->at("a.weight").shape, (std::vector<int64_t>{95, 1}));
    EXPECT_EQ(readBitsandbytesWeight(*file, "a.weight").codes.size(), 95u);
    EXPECT_THAT(readTextFile(folder / "config.json"), HasSubstr("\"x\""));
}

TEST(BitsandbytesWriter, RefusesWhatTheFormatLacks) {
    EXPECT_EQ(errorOf([] {
                  BitsandbytesWriter writer({QuantType::Int8, 64, false});
              }).code(),
              ErrorCode::InvalidArgument);
    const TemporaryFolder folder;
    const BitsandbytesWriter writer({QuantType::Nf4, 64, true});
    EXPECT_EQ(errorOf([&] { writer.write(folder.path(), "[]", "bfloat16"); }).code(), ErrorCode::BadFile);
}

/// A checkpoint of one nested NF4 weight [4, 64], of which a test changes one thing.
class HostileState : public testing::Test {
protected:
    HostileState() {
        ThreadPool pool(1);
        std::vector<float> values(256);
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = float(i);
        for (bool nested : {true, false}) {
            BitsandbytesWriter writer({QuantType::Nf4, 64, nested});
            writer.addQuantized("a.weight", quantize(values, {4, 64}, {QuantType::Nf4, 64, nested}, pool));
            writer.write(m_folder / (nested ? "nested" : "plain"), "{}", "bfloat16");
        }
    }

    /// What reading says where the bytes of the tensor with this suffix are others.
    Error errorWith(const char* checkpoint, std::string_view suffix, std::string_view bytes,
                    std::optional<StoredType> type = {}, bool isOneMore = false) const {
        const auto file = openSafetensors(m_folder / checkpoint);
        std::vector<TensorRecord> records;
        for (TensorRecord record : file->tensors()) {
            if (record.name == "a.weight" + std::string(suffix)) {
                if (isOneMore)
                    records.push_back(record);
                record.type = type.value_or(record.type);
                record.shape = {int64_t(bytes.size()) / storedBlock(record.type).bytes};
                record.bytes = std::as_bytes(std::span(bytes.data(), bytes.size()));
                if (isOneMore)
                    record.name = "a.weight.quant_state.bitsandbytes__fp4";
            }
            records.push_back(record);
        }
        writeSafetensors(m_folder / "changed.safetensors", records);
        const auto changed = openSafetensors(m_folder / "changed.safetensors");
        const Error error = errorOf([&] { readBitsandbytesWeight(*changed, "a.weight"); });
        EXPECT_THAT(error.message(), HasSubstr("changed.safetensors"));
        return error;
    }
    Error errorWithState(std::string_view json) const {
        return errorWith("nested", ".quant_state.bitsandbytes__nf4", json);
    }
    static std::string floats(const std::vector<float>& values) {
        return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
    }

    TemporaryFolder m_folder;
};

TEST_F(HostileState, StatesThatDoNotFitAreRefused) {
    const auto state = [](std::string_view type, std::string_view blocksize, std::string_view shape,
                          std::string_view rest) {
        return fmt::format(R"({{"quant_type":{},"blocksize":{},"dtype":"bfloat16","shape":{}{}}})", type, blocksize,
                           shape, rest);
    };
    const std::string nested = R"(,"nested_blocksize":256,"nested_dtype":"float32","nested_offset":1.5)";
    const std::pair<std::string, const char*> cases[] = {
        {"[]", "no object"},
        {"{", "not valid JSON"},
        {state("\"nf4\"", "64", "[4,64]", nested + ",\"more\":1"), "unknown key 'more'"},
        {state("\"fp4\"", "64", "[4,64]", nested), "does not fit"},
        {state("\"int8\"", "64", "[4,64]", nested), "not nf4 or fp4"},
        {state("4", "64", "[4,64]", nested), "quant_type is no string"},
        {state("\"nf4\"", "63", "[4,64]", nested), "power of two"},
        {state("\"nf4\"", "8192", "[4,64]", nested), "out of range"},
        {state("\"nf4\"", "-64", "[4,64]", nested), "out of range"},
        {state("\"nf4\"", "128", "[4,64]", nested), "absmax is U8 [4], but U8 [2]"},
        {state("\"nf4\"", "64", "[256]", nested), "matrix"},
        {state("\"nf4\"", "64", "[4,-64]", nested), "dimension"},
        {state("\"nf4\"", "64", "[4,9223372036854775807]", nested), "dimension"},
        {state("\"nf4\"", "64", "[4,65]", nested), "bytes of codes"},
        {state("\"nf4\"", "64", "[4,64]", ""), "together"},
        {state("\"nf4\"", "64", "[4,64]", R"(,"nested_blocksize":256,"nested_offset":1e999)"), ""},
        {state("\"nf4\"", "64", "[4,64]", R"(,"nested_blocksize":256,"nested_offset":1e300)"), "finite"},
    };
    for (const auto& [json, fault] : cases) {
        const Error error = errorWithState(json);
        EXPECT_EQ(error.code(), ErrorCode::BadFile) << json;
        EXPECT_THAT(error.message(), HasSubstr(fault));
    }
    const auto other = state("\"nf4\"", "64", "[4,64]", R"(,"nested_blocksize":64,"nested_offset":1)");
    EXPECT_EQ(errorWithState(other).code(), ErrorCode::NotBuilt);
    EXPECT_THAT(errorWith("nested", ".quant_state.bitsandbytes__nf4", "{}", {}, true).message(),
                HasSubstr("two states"));
}

TEST_F(HostileState, ScalesThatAreNoScalesAreRefused) {
    EXPECT_THAT(errorWith("plain", ".absmax", floats({1, NAN, 1, 1})).message(), HasSubstr("nan"));
    EXPECT_THAT(errorWith("plain", ".absmax", floats({1, 1, INFINITY, 1})).message(), HasSubstr("inf"));
    EXPECT_THAT(errorWith("plain", ".absmax", floats({1, 1, 1, -1})).message(), HasSubstr("negative"));
    EXPECT_THAT(errorWith("plain", ".absmax", floats({1, 1, 1})).message(), HasSubstr("F32 [4] is needed"));
    EXPECT_THAT(errorWith("plain", ".absmax", "1234", StoredType::U8).message(), HasSubstr("F32 [4] is needed"));
    EXPECT_THAT(errorWith("nested", ".absmax", "123").message(), HasSubstr("U8 [4] is needed"));
    EXPECT_THAT(errorWith("nested", ".nested_absmax", floats({NAN})).message(), HasSubstr("nan"));
    EXPECT_THAT(errorWith("nested", ".nested_absmax", floats({-1})).message(), HasSubstr("negative"));
    EXPECT_THAT(errorWith("nested", ".nested_absmax", floats({1, 1})).message(), HasSubstr("F32 [1] is needed"));
    EXPECT_THAT(errorWith("nested", ".nested_quant_map", floats({1, 1})).message(), HasSubstr("F32 [256] is needed"));
    EXPECT_THAT(errorWith("nested", ".nested_quant_map", floats(std::vector<float>(256, 3e38f))).message(),
                HasSubstr("block 0 inf"));
    EXPECT_THAT(errorWith("nested", "", "123").message(), HasSubstr("bytes of codes"));
    EXPECT_EQ(errorWith("plain", ".quant_map", floats(std::vector<float>(16, 0.5f))).code(), ErrorCode::NotBuilt);
}

} // namespace
} // namespace lorikeet
