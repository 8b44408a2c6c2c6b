// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/score_job.h"

#include "tests/core/jobs/jobs_fixture.h"

namespace lorikeet {
namespace {

using ScoreJob = JobsTest;

TEST_F(ScoreJob, AStopEndsThePass) {
    OpenedModel model =
        openModel(m_workshop, {.model = modelPath(), .adapter = {}, .wish = {}, .otherwise = std::nullopt});
    const std::vector<TokenId> tokens = model.text.tokenizer->encode("What is blue? The sky.");
    EXPECT_GT(scoreTokens(model, tokens).perplexity, 0.0);
    std::stop_source stop;
    stop.request_stop();
    try {
        scoreTokens(model, tokens, stop.get_token());
        ADD_FAILURE() << "went on";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::Cancelled);
    }
}

} // namespace
} // namespace lorikeet
