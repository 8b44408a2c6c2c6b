// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/weight_study.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "core/base/thread_pool.h"
#include "core/formats/tensor_file.h"
#include "core/jobs/blocksize_search.h"
#include "core/jobs/quantize_job.h"
#include "core/model/model_config.h"
#include "tests/support/errors.h"
#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

namespace fs = std::filesystem;

fs::path tinyModel() {
    return sourceFile("tests/data/model/llama_gqa");
}

const std::string kWeight = "model.layers.0.mlp.gate_proj.weight";

std::vector<float> valuesOf(const std::string& tensor) {
    const auto file = openTensorFile(tinyModel());
    std::vector<float> values(std::size_t(file->at(tensor).elements()));
    decode(file->at(tensor), 0, values);
    return values;
}

TEST(WeightStudy, CountsEachValueBesideTheLargestOfItsBlock) {
    const std::vector<float> values = valuesOf(kWeight);
    constexpr std::size_t kBlock = 32;
    std::vector<int64_t> expected(10);
    for (std::size_t begin = 0; begin < values.size(); begin += kBlock) {
        float largest = 0.0f;
        for (std::size_t i = begin; i < std::min(values.size(), begin + kBlock); ++i)
            largest = std::max(largest, std::fabs(values[i]));
        for (std::size_t i = begin; i < std::min(values.size(), begin + kBlock); ++i) {
            std::size_t bin = 0;
            while (bin < 9 && double(values[i]) / double(largest) >= -1.0 + 0.2 * double(bin + 1))
                ++bin;
            ++expected[bin];
        }
    }
    for (int threads : {1, 3}) {
        const TensorHistogram histogram = tensorHistogram({tinyModel(), kWeight, int(kBlock), 10, threads});
        EXPECT_EQ(histogram.counts, expected);
        EXPECT_EQ(histogram.values, int64_t(values.size()));
        EXPECT_EQ(histogram.notFinite, 0);
        EXPECT_EQ(histogram.minimum, double(*std::min_element(values.begin(), values.end())));
        EXPECT_EQ(histogram.maximum, double(*std::max_element(values.begin(), values.end())));
        const double mean = std::accumulate(values.begin(), values.end(), 0.0) / double(values.size());
        double square = 0.0;
        for (float value : values)
            square += (double(value) - mean) * (double(value) - mean);
        EXPECT_NEAR(histogram.mean, mean, 1e-9);
        EXPECT_NEAR(histogram.standardDeviation, std::sqrt(square / double(values.size())), 1e-9);
    }
}

TEST(WeightStudy, ReadsTheRowsOfAGgufFileInTheOrderInWhichTheyAreQuantized) {
    const fs::path gguf = tinyModel() / "model.gguf";
    const auto ofFolder = tensorHistogram({tinyModel(), "model.layers.1.self_attn.q_proj.weight", 64, 50, 2});
    const auto ofGguf = tensorHistogram({gguf, "blk.1.attn_q.weight", 64, 50, 2});
    EXPECT_EQ(ofFolder.counts, ofGguf.counts);
}

TEST(WeightStudy, LevelsAreThoseOfThePapers) {
    const std::vector<float> nf4 = quantizationLevels(QuantType::Nf4);
    ASSERT_EQ(nf4.size(), 16u);
    EXPECT_EQ(nf4.front(), -1.0f);
    EXPECT_EQ(nf4[7], 0.0f);
    EXPECT_EQ(nf4.back(), 1.0f);
    EXPECT_EQ(quantizationLevels(QuantType::Fp4).size(), 15u); // of its two zeros one is drawn
    const std::vector<float> int4 = quantizationLevels(QuantType::Int4);
    ASSERT_EQ(int4.size(), 15u);
    EXPECT_FLOAT_EQ(int4[8], 1.0f / 7.0f);
    EXPECT_TRUE(quantizationLevels(QuantType::Int8).empty());
}

TEST(WeightStudy, ErrorsAreThoseThatQuantizingReports) {
    const TemporaryFolder folder;
    const QuantizeResult job = quantizeModel({tinyModel(), folder / "out", {QuantType::Nf4, 64, true}, 1});
    std::vector<double> fractions;
    const ErrorStudy study =
        quantizationErrors({.model = tinyModel(), .tensor = std::nullopt, .blocksizes = {64}, .threads = 3},
                           [&](double fraction) { fractions.push_back(fraction); });
    EXPECT_EQ(study.weights, job.weights);
    EXPECT_EQ(study.allWeights, job.weights);
    ASSERT_EQ(study.rows.size(), job.errors.size());
    for (std::size_t i = 0; i < job.errors.size(); ++i) {
        EXPECT_EQ(study.rows[i].spec.type, job.errors[i].type);
        EXPECT_DOUBLE_EQ(study.rows[i].rootMeanSquare, job.errors[i].rootMeanSquare);
        EXPECT_DOUBLE_EQ(study.rows[i].meanAbsolute, job.errors[i].meanAbsolute);
    }
    EXPECT_TRUE(std::is_sorted(fractions.begin(), fractions.end()));
    EXPECT_EQ(fractions.back(), 1.0);
}

TEST(WeightStudy, ShowsTheBlocksizesThatARunWouldChoose) {
    const ErrorStudy study = quantizationErrors({.model = tinyModel(),
                                                 .tensor = std::nullopt,
                                                 .types = {QuantType::Nf4, QuantType::Int8},
                                                 .blocksizes = {64, 128},
                                                 .chosen = true,
                                                 .threads = 2});
    ASSERT_EQ(study.rows.size(), 6u);
    for (std::size_t type : {0, 1}) {
        const StudiedQuantization &usual = study.rows[2 * type], &chosen = study.rows[4 + type];
        EXPECT_EQ(chosen.spec, (QuantizationSpec{usual.spec.type, kChosenBlocksize, true}));
        EXPECT_LE(chosen.bitsPerParameter, usual.bitsPerParameter);
        EXPECT_LT(chosen.relativeError, usual.relativeError);
        EXPECT_NEAR(chosen.relativeError,
                    chooseBlocksizes({.model = tinyModel(), .type = usual.spec.type}).cost.relativeError, 1e-12);
    }
    EXPECT_EQ(quantizationErrors({.model = tinyModel(), .tensor = kWeight, .chosen = true}).rows.size(), 16u);
}

TEST(WeightStudy, AsksOneTensorInEveryWay) {
    const ErrorStudy study = quantizationErrors({.model = tinyModel(),
                                                 .tensor = kWeight,
                                                 .types = {QuantType::Nf4, QuantType::Int8},
                                                 .blocksizes = {32, 256},
                                                 .doubleQuant = {false, true},
                                                 .threads = 2});
    ASSERT_EQ(study.rows.size(), 8u);
    EXPECT_EQ(study.rows[1].spec, (QuantizationSpec{QuantType::Nf4, 32, true}));
    const std::vector<float> values = valuesOf(kWeight);
    EXPECT_EQ(study.weights, int64_t(values.size()));
    const double kCodebook = 16.0 * 32.0 / double(values.size());
    EXPECT_DOUBLE_EQ(study.rows[0].bitsPerParameter, 4.0 + 32.0 / 32.0 + kCodebook);
    EXPECT_DOUBLE_EQ(study.rows[2].bitsPerParameter, 4.0 + 32.0 / 256.0 + kCodebook);
    ThreadPool pool(1);
    const Shape shape = {int64_t(values.size())};
    EXPECT_DOUBLE_EQ(study.rows[1].bitsPerParameter,
                     8.0 * double(quantize(values, shape, study.rows[1].spec, pool).bytes()) / double(values.size()) +
                         kCodebook);
    EXPECT_LT(study.rows[0].relativeError, study.rows[2].relativeError); // smaller blocks, smaller errors
    EXPECT_LT(study.rows[4].relativeError, study.rows[0].relativeError); // 8 bits against 4
    double square = 0.0;
    for (float value : values)
        square += double(value) * double(value);
    EXPECT_NEAR(study.rows[0].relativeError, study.rows[0].rootMeanSquare / std::sqrt(square / double(values.size())),
                1e-12);
}

TEST(WeightStudy, ASampleIsWholeLayers) {
    const ErrorStudyRequest whole{
        .model = tinyModel(), .tensor = std::nullopt, .types = {QuantType::Nf4}, .blocksizes = {64}, .threads = 2};
    ErrorStudyRequest part = whole;
    part.mostWeights = 1;
    const int layers = readModelConfig(tinyModel()).layers;
    ASSERT_GT(layers, 1);
    const ErrorStudy sample = quantizationErrors(part);
    EXPECT_EQ(sample.weights * layers, quantizationErrors(whole).weights);
    EXPECT_EQ(sample.allWeights, sample.weights * layers);
}

TEST(WeightStudy, RefusesAndStops) {
    EXPECT_EQ(errorOf([] { tensorHistogram({tinyModel(), "nothing"}); }).code(), ErrorCode::NotFound);
    EXPECT_EQ(errorOf([] { tensorHistogram({tinyModel(), kWeight, 48}); }).code(), ErrorCode::BadConfig);
    EXPECT_EQ(errorOf([] { tensorHistogram({tinyModel(), kWeight, 64, 0}); }).code(), ErrorCode::BadConfig);
    EXPECT_EQ(errorOf([] { quantizationErrors({.model = tinyModel(), .tensor = "nothing"}); }).code(),
              ErrorCode::NotFound);
    std::stop_source stop;
    const ErrorStudyRequest all{.model = tinyModel(), .tensor = std::nullopt};
    EXPECT_EQ(errorOf([&] {
                  quantizationErrors(
                      all, [&](double) { stop.request_stop(); }, stop.get_token());
              }).code(),
              ErrorCode::Cancelled);
}

} // namespace
} // namespace lorikeet
