// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "core/jobs/open_model.h"

namespace lorikeet {

struct GenerateRequest {
    std::string prompt;
    bool isRaw = false; ///< without the chat template
    int64_t maxNewTokens = 256;
    double temperature = 0.0; ///< 0: greedy
    double topP = 1.0;
    uint64_t seed = 42;
};

struct GenerateResult {
    std::string text;
    int64_t tokens = 0;
    std::string stop; ///< "eos", "length" or "stopped"
    double promptTokensPerSecond = 0.0;
    double tokensPerSecond = 0.0;
};

/// Continues a prompt. Without isRaw it goes through the chat template as one user message, where the model has one
/// and the adapter, if it is ours, was trained with it. `onText` hears whole characters as they come. Throws BadConfig
/// for a request out of range.
GenerateResult generateText(OpenedModel& model, const GenerateRequest& request,
                            const std::function<void(std::string_view)>& onText = {}, std::stop_token stop = {});

} // namespace lorikeet
