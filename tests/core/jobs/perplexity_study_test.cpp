// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/perplexity_study.h"

#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>

#include "core/jobs/quantize_job.h"
#include "core/jobs/score_job.h"
#include "core/jobs/weight_study.h"
#include "core/model/base_model.h"
#include "tests/core/jobs/jobs_fixture.h"
#include "tests/support/errors.h"

namespace lorikeet {
namespace {

class PerplexityStudyJob : public JobsTest {
protected:
    static PerplexityStudyRequest request() {
        return {.model = modelPath(), .text = "What is blue? The sky is blue.", .computeType = DType::F32};
    }
    OpenedModel open(const QuantizationSpec& spec) {
        BaseWish wish{.type = spec.type, .blocksize = {}, .doubleQuant = {}, .computeType = DType::F32};
        if (spec.type != QuantType::None) {
            wish.blocksize = spec.blocksize;
            wish.doubleQuant = spec.doubleQuant;
        }
        return openModel(m_workshop, {.model = modelPath(), .adapter = {}, .wish = wish, .otherwise = {}});
    }
};

TEST_F(PerplexityStudyJob, GivesWhatScoreGivesForEachWay) {
    PerplexityStudyRequest asked = request();
    asked.blocksizes = {32, 128};
    const PerplexityStudy study = studyPerplexity(m_workshop, asked);
    ASSERT_EQ(study.cases.size(), 9u); // none has no blocksize
    std::vector<double> all;
    for (const PerplexityCase& one : study.cases) {
        SCOPED_TRACE(std::string(quantTypeName(one.spec.type)) + std::to_string(one.spec.blocksize));
        OpenedModel model = open(one.spec);
        const std::vector<TokenId> tokens = model.text.tokenizer->encode(asked.text);
        EXPECT_EQ(study.tokens, int64_t(tokens.size()));
        EXPECT_DOUBLE_EQ(one.perplexity, scoreTokens(model, tokens).perplexity);
        EXPECT_DOUBLE_EQ(one.perplexity, std::exp(one.meanNll));
        all.push_back(one.perplexity);
    }
    std::ranges::sort(all);
    EXPECT_EQ(std::ranges::unique(all).begin(), all.end()); // each way is another model
}

TEST_F(PerplexityStudyJob, HasTheErrorsAndBitsOfTheStudyOfWeights) {
    PerplexityStudyRequest asked = request();
    asked.types = {QuantType::Fp4, QuantType::None};
    const PerplexityStudy study = studyPerplexity(m_workshop, asked);
    const StudiedQuantization expected =
        quantizationErrors({.model = modelPath(), .types = {QuantType::Fp4}, .blocksizes = {64}}).rows.at(0);
    EXPECT_EQ(study.cases.at(0).relativeError, expected.relativeError);
    EXPECT_EQ(study.cases.at(0).bitsPerParameter, expected.bitsPerParameter);
    EXPECT_GT(expected.relativeError, 0.01);
    EXPECT_EQ(study.cases.at(1).relativeError, std::nullopt);
    EXPECT_EQ(study.cases.at(1).bitsPerParameter, 32.0);
}

TEST_F(PerplexityStudyJob, PutsChosenBlocksizesBesideTheFixedOnes) {
    PerplexityStudyRequest asked = request();
    asked.types = {QuantType::Nf4};
    asked.blocksizes = {64, kChosenBlocksize};
    const PerplexityStudy study = studyPerplexity(m_workshop, asked);
    ASSERT_EQ(study.cases.size(), 2u);
    const PerplexityCase &fixed = study.cases[0], &chosen = study.cases[1];
    EXPECT_EQ(chosen.spec.blocksize, kChosenBlocksize);
    EXPECT_LE(chosen.bitsPerParameter, fixed.bitsPerParameter);
    EXPECT_LT(chosen.relativeError, fixed.relativeError);
    EXPECT_NE(chosen.perplexity, fixed.perplexity);

    QuantizeRequest quantized{modelPath(), m_folder / "chosen", {}, 1};
    quantized.choosesBlocksizes = true;
    quantizeModel(quantized);
    OpenedModel model =
        openModel(m_workshop, {.model = (m_folder / "chosen").string(),
                               .adapter = {},
                               .wish = {.type = {}, .blocksize = {}, .doubleQuant = {}, .computeType = DType::F32},
                               .otherwise = {}});
    const std::vector<TokenId> tokens = model.text.tokenizer->encode(asked.text);
    EXPECT_DOUBLE_EQ(chosen.perplexity, scoreTokens(model, tokens).perplexity);
}

TEST_F(PerplexityStudyJob, CutsALongTextIntoWindowsThatDoNotSeeEachOther) {
    PerplexityStudyRequest asked = request();
    asked.types = {QuantType::Nf4};
    asked.window = 5;
    asked.mostTokens = 11;
    asked.text += asked.text;
    const PerplexityStudy study = studyPerplexity(m_workshop, asked);
    EXPECT_EQ(study.tokens, 10); // the eleventh stands alone
    EXPECT_EQ(study.targets, 8);
    OpenedModel model = open({QuantType::Nf4, 64, true});
    const std::vector<TokenId> tokens = model.text.tokenizer->encode(asked.text);
    const double first = scoreTokens(model, std::span(tokens).first(5)).meanNll;
    const double second = scoreTokens(model, std::span(tokens).subspan(5, 5)).meanNll;
    EXPECT_NEAR(study.cases.at(0).meanNll, (first + second) / 2, 1e-12);
    asked.window = 1 << 20; // more than the model has positions
    EXPECT_EQ(studyPerplexity(m_workshop, asked).window, model.base->config().maxPositions);
}

TEST_F(PerplexityStudyJob, TellsHowFarItIsAndStopsWhenAsked) {
    PerplexityStudyRequest asked = request();
    asked.types = {QuantType::None, QuantType::Nf4};
    std::vector<double> heard;
    std::size_t finished = 0;
    std::stop_source stop;
    const auto listen = [&](const PerplexityProgress& now) {
        heard.push_back(double(now.finished) + now.fraction);
        finished += now.just != nullptr;
    };
    studyPerplexity(m_workshop, asked, listen, stop.get_token());
    EXPECT_TRUE(std::ranges::is_sorted(heard));
    EXPECT_EQ(heard.back(), 2.0);
    EXPECT_EQ(finished, 2u);
    const auto stopAfterFirst = [&](const PerplexityProgress& now) {
        if (now.just)
            stop.request_stop();
    };
    const Error error = errorOf([&] { studyPerplexity(m_workshop, asked, stopAfterFirst, stop.get_token()); });
    EXPECT_EQ(error.code(), ErrorCode::Cancelled);
}

TEST_F(PerplexityStudyJob, RefusesWhatCannotBeCompared) {
    PerplexityStudyRequest asked = request();
    asked.blocksizes = {48};
    EXPECT_EQ(errorOf([&] { studyPerplexity(m_workshop, asked); }).code(), ErrorCode::BadConfig);
    asked = request();
    asked.types.clear();
    EXPECT_EQ(errorOf([&] { studyPerplexity(m_workshop, asked); }).code(), ErrorCode::BadConfig);
    asked = request();
    asked.text.clear();
    EXPECT_EQ(errorOf([&] { studyPerplexity(m_workshop, asked); }).code(), ErrorCode::BadConfig);
    asked = request();
}

TEST_F(PerplexityStudyJob, RefusesAModelThatIsQuantizedAlready) {
    const std::filesystem::path packed = m_folder / "packed";
    quantizeModel({.model = modelPath(), .out = packed, .spec = {QuantType::Nf4, 64, true}});
    for (const QuantType type : {QuantType::None, QuantType::Nf4, QuantType::Int8}) {
        PerplexityStudyRequest asked = request();
        asked.model = packed.string();
        asked.types = {type};
        const Error error = errorOf([&] { studyPerplexity(m_workshop, asked); });
        EXPECT_EQ(error.code(), ErrorCode::BadConfig) << quantTypeName(type);
        EXPECT_THAT(error.message(), testing::HasSubstr("quantized")) << quantTypeName(type);
    }
}

} // namespace
} // namespace lorikeet
