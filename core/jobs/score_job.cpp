// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/score_job.h"

#include <cmath>
#include <numeric>

#include "core/base/error.h"
#include "core/data/batches.h"
#include "core/model/base_model.h"
#include "core/train/evaluation.h"

namespace lorikeet {

ScoreResult scoreTokens(OpenedModel& model, std::span<const TokenId> tokens, std::stop_token stop) {
    const ModelConfig& config = model.base->config();
    const int64_t count = int64_t(tokens.size());
    if (count < 2)
        fail(ErrorCode::BadConfig, "score: {} tokens; at least 2 are needed", count);
    if (count > config.maxPositions)
        fail(ErrorCode::BadConfig, "score: {} tokens, but the model has {} positions", count, config.maxPositions);
    for (const TokenId id : tokens)
        if (id < 0 || id >= config.vocabularySize)
            fail(ErrorCode::BadConfig, "score: token {} is not below the vocabulary size {}", id,
                 config.vocabularySize);

    TokenBatch batch;
    batch.tokens.assign(tokens.begin(), tokens.end());
    batch.positions.resize(tokens.size());
    std::iota(batch.positions.begin(), batch.positions.end(), 0);
    batch.offsets = {0, int32_t(count)};
    batch.targetRows.assign(batch.positions.begin(), batch.positions.end() - 1);
    batch.targets.assign(tokens.begin() + 1, tokens.end());

    ScoreResult result{.tokens = count};
    double sum = 0.0;
    for (const float loss : lossesOf(*model.context, *model.base, model.adapterOrNull(), batch, std::move(stop))) {
        result.logProbabilities.push_back(-double(loss));
        sum += double(loss);
    }
    result.meanNll = sum / double(count - 1);
    result.perplexity = std::exp(result.meanNll);
    return result;
}

} // namespace lorikeet
