// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/blocksize_search.h"

#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include "core/base/thread_pool.h"
#include "core/cpu/cpu_backend.h"
#include "core/formats/tensor_file.h"
#include "core/jobs/quantize_job.h"
#include "core/model/base_model.h"
#include "tests/core/jobs/model_losses.h"
#include "tests/support/errors.h"
#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

namespace fs = std::filesystem;

fs::path tinyModel() {
    return sourceFile("tests/data/model/llama_gqa");
}

/// What quantizing each linear layer in blocks of its size loses, computed plainly.
double relativeError(const fs::path& model, QuantizationSpec spec, const Blocksizes& blocksizes) {
    const auto file = openTensorFile(model);
    ThreadPool pool(1);
    double square = 0.0, all = 0.0;
    for (std::size_t i = 0; i < blocksizes.size(); ++i) {
        const TensorRecord& record =
            file->at(linearPath(int(i) / kLinearRoles, LinearRole(int(i) % kLinearRoles)) + ".weight");
        std::vector<float> values(std::size_t(record.elements())), moved(values.size());
        decode(record, 0, values);
        spec.blocksize = blocksizes[i];
        dequantize(quantize(values, {record.shape[0], record.shape[1]}, spec, pool), moved);
        for (std::size_t k = 0; k < values.size(); ++k) {
            square += std::pow(double(values[k]) - double(moved[k]), 2.0);
            all += std::pow(double(values[k]), 2.0);
        }
    }
    return std::sqrt(square / all);
}

TEST(BlocksizeSearch, MeasuresWhatQuantizingLoses) {
    const ModelConfig model = readModelConfig(tinyModel());
    for (const QuantType type : {QuantType::Nf4, QuantType::Int8})
        for (const bool doubleQuant : {true, false}) {
            const ChosenBlocksizes chosen = chooseBlocksizes({tinyModel(), type, doubleQuant});
            const QuantizationSpec spec{type, 64, doubleQuant};
            ASSERT_EQ(chosen.fixed.size(), std::size_t(kBlocksizeChoices));
            for (const BlocksizeCost& fixed : chosen.fixed) {
                const Blocksizes same(chosen.blocksizes.size(), fixed.blocksize);
                EXPECT_NEAR(fixed.relativeError, relativeError(tinyModel(), spec, same), 1e-9);
                EXPECT_EQ(fixed.bitsPerParameter, bitsPerParameter(model, spec, same));
            }
            EXPECT_NEAR(chosen.cost.relativeError, relativeError(tinyModel(), spec, chosen.blocksizes), 1e-9);
            EXPECT_EQ(chosen.bits, bitsPerParameter(model, spec, {}));
        }
}

TEST(BlocksizeSearch, LosesNoMoreThanAnyFixedBlocksizeOfTheSameBits) {
    const ModelConfig model = readModelConfig(tinyModel());
    int better = 0;
    for (const char* name : {"llama_gqa", "qwen2_biases", "mistral_window"})
        for (const bool doubleQuant : {true, false}) {
            BlocksizeRequest request{sourceFile("tests/data/model") / name, QuantType::Nf4, doubleQuant};
            const ChosenBlocksizes usual = chooseBlocksizes(request);
            for (const BlocksizeCost& fixed : usual.fixed) {
                request.bits = fixed.bitsPerParameter;
                const BlocksizeCost chosen = chooseBlocksizes(request).cost;
                EXPECT_LE(chosen.bitsPerParameter, fixed.bitsPerParameter);
                EXPECT_LE(chosen.relativeError, fixed.relativeError * (1.0 + 1e-9));
                better += chosen.relativeError < 0.9999 * fixed.relativeError;
            }
        }
    EXPECT_GT(better, 10);
}

TEST(BlocksizeSearch, IsTheSameOnAnyNumberOfThreadsAndForAGgufFile) {
    BlocksizeRequest request{.model = tinyModel(), .threads = 1};
    const ChosenBlocksizes one = chooseBlocksizes(request);
    request.threads = 3;
    const ChosenBlocksizes three = chooseBlocksizes(request);
    request.model = tinyModel() / "model.gguf";
    const ChosenBlocksizes gguf = chooseBlocksizes(request);
    EXPECT_EQ(one.blocksizes, three.blocksizes);
    EXPECT_EQ(one.cost.relativeError, three.cost.relativeError);
    EXPECT_EQ(one.blocksizes, gguf.blocksizes);
}

TEST(BlocksizeSearch, RefusesWhatCannotBeChosenFor) {
    const auto chooseFor = [](BlocksizeRequest request) { return [request] { chooseBlocksizes(request); }; };
    expectError(ErrorCode::BadConfig, "quantized already",
                chooseFor({.model = sourceFile("tests/data/model/llama_bnb4")}));
    expectError(ErrorCode::BadConfig, "nf4, fp4, int4 and int8",
                chooseFor({.model = tinyModel(), .type = QuantType::None}));
    expectError(ErrorCode::BadConfig, "at most", chooseFor({.model = tinyModel(), .bits = 16.0}));
    std::stop_source stop;
    stop.request_stop();
    expectError(ErrorCode::Cancelled, "cancelled",
                [&] { chooseBlocksizes({.model = tinyModel()}, {}, stop.get_token()); });
}

class QuantizedChosen : public testing::TestWithParam<const char*> {};

TEST_P(QuantizedChosen, IsWhatLoadingTheSourceWithTheseBlocksizesGives) {
    const fs::path source = sourceFile("tests/data/model") / GetParam();
    const TemporaryFolder folder;
    QuantizeRequest request{source, folder / "out", {QuantType::Nf4, 64, true}, 2};
    request.choosesBlocksizes = true;
    const QuantizeResult result = quantizeModel(request);
    ASSERT_TRUE(result.chosen);
    const Blocksizes& blocksizes = result.chosen->blocksizes;
    ASSERT_GT(std::set<int>(blocksizes.begin(), blocksizes.end()).size(), 1u);

    LoadOptions ofSource;
    ofSource.quantization = request.spec;
    ofSource.computeType = DType::F32;
    LoadOptions asStored = ofSource;
    asStored.quantization.reset();
    const std::vector<float> fixed = modelLosses(source, ofSource);
    ofSource.blocksizes = blocksizes;
    const std::vector<float> losses = modelLosses(source, ofSource);
    EXPECT_NE(losses, fixed);
    EXPECT_EQ(losses, modelLosses(result.path, asStored));
    EXPECT_EQ(losses, modelLosses(result.path, ofSource)) << "its own blocksizes are no others";

    CpuBackend backend(1, "portable");
    const auto context = backend.createContext();
    EXPECT_EQ(BaseModel::load(*context, result.path, asStored)->blocksizes(), blocksizes);
    LoadOptions others = ofSource;
    others.blocksizes.clear();
    expectError(ErrorCode::BadConfig, "is quantized already", [&] { BaseModel::load(*context, result.path, others); });
}

INSTANTIATE_TEST_SUITE_P(Models, QuantizedChosen, testing::Values("llama_gqa", "qwen2_biases"));

TEST(BlocksizeSearch, TheRealModelsErrorIsNoLargerThanThatOfFixedBlocks) {
    const fs::path model = testModelPath();
    if (model.empty())
        GTEST_SKIP() << "needs LORIKEET_TEST_MODEL, the path of SmolLM2-135M-Instruct.Q4_1.gguf";
    const ChosenBlocksizes chosen = chooseBlocksizes({.model = model});
    EXPECT_LE(chosen.cost.bitsPerParameter, chosen.bits);
    EXPECT_GT(chosen.cost.bitsPerParameter, 0.9999 * chosen.bits);
    EXPECT_LT(chosen.cost.relativeError, 0.999 * chosen.fixed[1].relativeError);
}

} // namespace
} // namespace lorikeet
