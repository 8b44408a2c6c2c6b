// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/quantize_job.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/base/files.h"
#include "core/base/half.h"
#include "core/base/random.h"
#include "core/formats/bitsandbytes_checkpoint.h"
#include "core/formats/safetensors.h"
#include "core/model/base_model.h"
#include "core/text/tokenizer.h"
#include "tests/core/jobs/model_losses.h"
#include "tests/support/errors.h"
#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr QuantizationSpec kSpecs[] = {
    {QuantType::Nf4, 64, true}, {QuantType::Nf4, 32, false}, {QuantType::Fp4, 128, true}};

fs::path goldenFolder(const std::string& name) {
    return sourceFile("tests/data/model/" + name);
}

/// The losses of every next token of a short text, bit for bit what a model gives.
std::vector<float> lossesOf(const fs::path& model, const std::optional<QuantizationSpec>& quantization, DType type) {
    LoadOptions options;
    options.quantization = quantization;
    options.computeType = type;
    options.threads = 1;
    return modelLosses(model, options);
}

TEST(QuantizeJob, WritesWhatLoadingTheSourceQuantizedGives) {
    for (const char* name : {"llama_gqa", "llama_biases_tied", "qwen2_biases", "mistral_window"})
        for (const QuantizationSpec& spec : kSpecs) {
            SCOPED_TRACE(fmt::format("{} {} {}", name, quantTypeName(spec.type), spec.blocksize));
            const TemporaryFolder folder;
            const QuantizeResult result = quantizeModel({goldenFolder(name), folder / "out", spec, 2});
            EXPECT_EQ(result.spec, spec);
            for (DType type : {DType::F32, DType::BF16})
                EXPECT_EQ(lossesOf(result.path, std::nullopt, type), lossesOf(goldenFolder(name), spec, type));
        }
}

TEST(QuantizeJob, PutsTheRowsOfAGgufFileBackInOrder) {
    const QuantizationSpec spec;
    for (const char* name : {"llama_gqa", "llama_llama3", "qwen2_biases"}) {
        SCOPED_TRACE(name);
        const TemporaryFolder folder;
        const fs::path gguf = goldenFolder(name) / "model.gguf";
        quantizeModel({gguf, folder / "out", spec, 1});
        const auto ours = lossesOf(folder / "out", std::nullopt, DType::F32), source = lossesOf(gguf, spec, DType::F32);
        if (std::string_view(name) != "llama_llama3") {
            EXPECT_EQ(ours, source);
            continue;
        }
        // Divisors that were rounded to float32 have become the parameters that they came from.
        for (std::size_t i = 0; i < ours.size(); ++i)
            EXPECT_NEAR(ours[i], source[i], 1e-5f);
    }
}

TEST(QuantizeJob, LeavesOtherTensorsAsTheyAre) {
    const TemporaryFolder folder;
    quantizeModel({goldenFolder("llama_biases_tied"), folder / "out", {}, 1});
    const auto source = openSafetensors(goldenFolder("llama_biases_tied") / "model.safetensors"),
               written = openSafetensors(folder / "out/model.safetensors");
    int kept = 0;
    for (const TensorRecord& record : source->tensors()) {
        if (isBitsandbytesWeight(*written, record.name))
            continue;
        ++kept;
        const TensorRecord& other = written->at(record.name);
        EXPECT_EQ(other.text(), record.text());
        EXPECT_TRUE(std::ranges::equal(other.bytes, record.bytes)) << record.name;
    }
    EXPECT_EQ(kept, int(source->tensors().size()) - 2 * kLinearRoles);
}

/// A golden model whose norms hold `value` as float32, all else being bfloat16.
void writeMixedModel(const fs::path& folder, float value) {
    const auto source = openSafetensors(goldenFolder("llama_gqa") / "model.safetensors");
    std::vector<TensorRecord> tensors = source->tensors();
    std::vector<std::vector<float>> floats(tensors.size());
    std::vector<std::vector<uint16_t>> halves(tensors.size());
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        floats[i].assign(std::size_t(tensors[i].elements()), value);
        tensors[i].type = tensors[i].shape.size() == 1 ? StoredType::F32 : StoredType::BF16;
        if (tensors[i].type == StoredType::F32) {
            tensors[i].bytes = std::as_bytes(std::span(floats[i]));
            continue;
        }
        decode(source->tensors()[i], 0, floats[i]);
        for (float one : floats[i])
            halves[i].push_back(floatToBfloat16(one));
        tensors[i].bytes = std::as_bytes(std::span(halves[i]));
    }
    writeSafetensors(folder / "model.safetensors", tensors);
    fs::copy_file(goldenFolder("llama_gqa") / "config.json", folder / "config.json");
}

TEST(QuantizeJob, GivesAllOtherTensorsOneTypeThatLosesNothing) {
    for (const auto& [value, type] : {std::pair{0.75f, StoredType::BF16}, {0.751f, StoredType::F32}}) {
        const TemporaryFolder folder;
        writeMixedModel(folder.path(), value);
        quantizeModel({folder.path(), folder / "out", {}, 1});
        const auto written = openSafetensors(folder / "out/model.safetensors");
        for (const char* name : {"model.norm.weight", "model.embed_tokens.weight", "lm_head.weight"})
            EXPECT_EQ(written->at(name).type, type) << name << " " << value;
        EXPECT_EQ(lossesOf(folder / "out", std::nullopt, DType::F32),
                  lossesOf(folder.path(), QuantizationSpec(), DType::F32));
    }
}

TEST(QuantizeJob, CopiesTheTokenizerAndKeepsTheConfiguration) {
    const TemporaryFolder folder;
    const fs::path model = sourceFile("tests/data/jobs/model");
    const QuantizeResult result = quantizeModel({model, folder / "out", {}, 1});
    EXPECT_TRUE(result.hasTokenizer);
    for (const char* name : {"tokenizer.json", "tokenizer_config.json"})
        EXPECT_EQ(readTextFile(folder / "out" / name), readTextFile(model / name));
    auto config = nlohmann::json::parse(readTextFile(folder / "out/config.json"));
    EXPECT_EQ(config["quantization_config"]["bnb_4bit_quant_type"], "nf4");
    config.erase("quantization_config");
    EXPECT_EQ(config, nlohmann::json::parse(readTextFile(model / "config.json")));
    int64_t bytes = 0;
    for (const auto& file : fs::directory_iterator(folder / "out"))
        bytes += int64_t(file.file_size());
    EXPECT_EQ(result.bytes, bytes);
    EXPECT_FALSE(quantizeModel({goldenFolder("llama_gqa"), folder / "other", {}, 1}).hasTokenizer);
}

/// A golden model whose linear weights are drawn from a normal distribution.
void writeNormalModel(const fs::path& folder) {
    const auto source = openSafetensors(goldenFolder("llama_gqa") / "model.safetensors");
    std::vector<TensorRecord> tensors = source->tensors();
    std::vector<std::vector<float>> values(tensors.size());
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        values[i].resize(std::size_t(tensors[i].elements()), 1.0f);
        const RandomStream stream{3, RandomPurpose::AdapterInit, uint32_t(i)};
        for (std::size_t j = 0; tensors[i].shape.size() == 2 && j < values[i].size(); ++j)
            values[i][j] = stream.normal(j);
        tensors[i].type = StoredType::F32;
        tensors[i].bytes = std::as_bytes(std::span(values[i]));
    }
    writeSafetensors(folder / "model.safetensors", tensors);
    fs::copy_file(goldenFolder("llama_gqa") / "config.json", folder / "config.json");
}

TEST(QuantizeJob, MeasuresSmallerErrorsForNf4ThanForInt4OnNormalWeights) {
    const TemporaryFolder folder;
    writeNormalModel(folder.path());
    const QuantizeResult one = quantizeModel({folder.path(), folder / "one", {QuantType::Nf4, 64, false}, 1});
    ASSERT_EQ(one.errors.size(), 4u);
    const auto& [nf4, fp4, int4, int8] = std::tie(one.errors[0], one.errors[1], one.errors[2], one.errors[3]);
    EXPECT_EQ(nf4.type, QuantType::Nf4);
    EXPECT_EQ(int8.type, QuantType::Int8);
    EXPECT_LT(nf4.rootMeanSquare, int4.rootMeanSquare);
    EXPECT_LT(nf4.meanAbsolute, int4.meanAbsolute);
    EXPECT_LT(int4.rootMeanSquare, fp4.rootMeanSquare);
    EXPECT_LT(int8.rootMeanSquare, nf4.rootMeanSquare / 10);
    // QLoRA's figure for normal weights in blocks of 64: about 0.073 of absolute error.
    EXPECT_NEAR(nf4.meanAbsolute, 0.073, 0.003);

    const QuantizeResult other = quantizeModel({folder.path(), folder / "other", {QuantType::Nf4, 64, false}, 3});
    for (std::size_t i = 0; i < one.errors.size(); ++i) {
        EXPECT_EQ(one.errors[i].rootMeanSquare, other.errors[i].rootMeanSquare);
        EXPECT_EQ(one.errors[i].meanAbsolute, other.errors[i].meanAbsolute);
    }
}

std::vector<fs::path> entriesOf(const fs::path& folder) {
    std::vector<fs::path> entries;
    for (const auto& entry : fs::directory_iterator(folder))
        entries.push_back(entry.path().filename());
    return entries;
}

TEST(QuantizeJob, RefusesOtherTypesNamingTrain) {
    const TemporaryFolder folder;
    for (QuantType type : {QuantType::Int4, QuantType::Int8, QuantType::Q8_0, QuantType::None}) {
        const Error error = errorOf([&] {
            quantizeModel({goldenFolder("llama_gqa"), folder / "out", {type, 64, true}, 1});
        });
        EXPECT_EQ(error.code(), ErrorCode::BadConfig);
        EXPECT_THAT(error.message(), HasSubstr("`train`"));
    }
    const Error error = errorOf([&] {
        quantizeModel({goldenFolder("llama_gqa"), folder / "out", {QuantType::Nf4, 48, true}, 1});
    });
    EXPECT_EQ(error.code(), ErrorCode::BadConfig);
    EXPECT_THAT(error.message(), HasSubstr("48"));
    EXPECT_TRUE(entriesOf(folder.path()).empty());
}

TEST(QuantizeJob, RefusesAFolderThatIsNotEmpty) {
    const TemporaryFolder folder;
    fs::create_directory(folder / "out");
    std::ofstream(folder / "out/mine.txt") << "mine";
    for (const char* out : {"out", "out/", "out/mine.txt"}) {
        const Error error = errorOf([&] { quantizeModel({goldenFolder("llama_gqa"), folder / out, {}, 1}); });
        EXPECT_EQ(error.code(), ErrorCode::BadConfig);
        EXPECT_THAT(error.message(), HasSubstr("exists"));
    }
    EXPECT_EQ(entriesOf(folder / "out"), std::vector<fs::path>{"mine.txt"});
    EXPECT_EQ(entriesOf(folder.path()), std::vector<fs::path>{"out"});
}

TEST(QuantizeJob, FillsAnEmptyFolderAndMakesThoseAboveANewOne) {
    const TemporaryFolder folder;
    fs::create_directory(folder / "out");
    quantizeModel({goldenFolder("llama_gqa"), folder / "out/", {}, 1});
    EXPECT_TRUE(fs::exists(folder / "out/model.safetensors"));
    quantizeModel({goldenFolder("llama_gqa"), folder / "a/b/c", {}, 1});
    EXPECT_TRUE(fs::exists(folder / "a/b/c/model.safetensors"));
    EXPECT_EQ(entriesOf(folder / "a/b"), std::vector<fs::path>{"c"});
}

TEST(QuantizeJob, RefusesACheckpointThatIsQuantizedAlready) {
    const TemporaryFolder folder;
    const Error error = errorOf([&] { quantizeModel({goldenFolder("llama_bnb4"), folder / "out", {}, 1}); });
    EXPECT_EQ(error.code(), ErrorCode::BadConfig);
    EXPECT_THAT(error.message(), HasSubstr("quantized already"));
    EXPECT_TRUE(entriesOf(folder.path()).empty());
}

TEST(QuantizeJob, LeavesNothingBehindWhenItIsStopped) {
    const TemporaryFolder folder;
    std::stop_source source;
    std::vector<double> steps;
    const auto progress = [&](double fraction) {
        steps.push_back(fraction);
        if (fraction > 0.5)
            source.request_stop();
    };
    const Error error = errorOf([&] {
        quantizeModel({goldenFolder("llama_gqa"), folder / "new/out", {}, 1}, progress, source.get_token());
    });
    EXPECT_EQ(error.code(), ErrorCode::Cancelled);
    EXPECT_TRUE(entriesOf(folder.path()).empty());
    EXPECT_GT(steps.size(), 3u);
    EXPECT_TRUE(std::ranges::is_sorted(steps));
    EXPECT_LT(steps.back(), 1.0);
}

TEST(QuantizeJob, LeavesNothingBehindWhenTheDiskIsFull) {
    const TemporaryFolder folder;
    setFileFaultHook([](FileOperation operation, const fs::path& path) {
        const bool chosen = operation == FileOperation::Sync && path.string().find("config.json") != std::string::npos;
        return chosen ? ENOSPC : 0;
    });
    const Error error = errorOf([&] { quantizeModel({goldenFolder("llama_gqa"), folder / "out", {}, 1}); });
    setFileFaultHook({});
    EXPECT_EQ(error.code(), ErrorCode::Io);
    EXPECT_TRUE(entriesOf(folder.path()).empty());
}

TEST(QuantizeJob, NamesTheTensorOfANanAsABadFile) {
    const TemporaryFolder folder;
    writeNormalModel(folder.path());
    const auto source = openSafetensors(folder / "model.safetensors");
    std::vector<TensorRecord> tensors = source->tensors();
    std::vector<float> values;
    for (TensorRecord& record : tensors)
        if (record.name == "model.layers.1.mlp.up_proj.weight") {
            values.assign(std::size_t(record.elements()), NAN);
            record.bytes = std::as_bytes(std::span(values));
        }
    fs::create_directory(folder / "bad");
    writeSafetensors(folder / "bad/model.safetensors", tensors);
    fs::copy_file(folder / "config.json", folder / "bad/config.json");
    const Error error = errorOf([&] { quantizeModel({folder / "bad", folder / "out", {}, 1}); });
    EXPECT_EQ(error.code(), ErrorCode::BadFile);
    EXPECT_THAT(error.message(), HasSubstr("model.layers.1.mlp.up_proj.weight"));
    EXPECT_FALSE(fs::exists(folder / "out"));
}

TEST(QuantizeJob, GivesTheStarterModelItsTokenizer) {
    SKIP_WITHOUT_TEST_MODEL();
    const TemporaryFolder folder;
    const QuantizeResult result = quantizeModel({testModelPath(), folder / "out", {}, 0});
    EXPECT_TRUE(result.hasTokenizer);
    EXPECT_EQ(result.weights, 106168320);
    const std::string text = "<|im_start|>user\nIt's 1234 o'clock, naïve 日本<|im_end|>";
    EXPECT_EQ(loadTokenizer(folder / "out")->encode(text), loadTokenizer(testModelPath())->encode(text));
    EXPECT_EQ(findChatTemplate(folder / "out"), findChatTemplate(testModelPath()));
}

} // namespace
} // namespace lorikeet
