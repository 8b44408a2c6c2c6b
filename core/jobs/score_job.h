// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <stop_token>
#include <vector>

#include "core/jobs/open_model.h"

namespace lorikeet {

struct ScoreResult {
    int64_t tokens = 0;
    std::vector<double> logProbabilities = {}; ///< natural, of every token but the first
    double meanNll = 0.0;
    double perplexity = 0.0;
};

/// How probable the model finds a sequence, all of it seen at once. Throws BadConfig for fewer than two tokens, for
/// ids outside of the vocabulary and for more tokens than the model has positions; Cancelled on a stop.
ScoreResult scoreTokens(OpenedModel& model, std::span<const TokenId> tokens, std::stop_token stop = {});

} // namespace lorikeet
