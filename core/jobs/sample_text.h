// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "core/jobs/generate_job.h"

namespace lorikeet {

struct SampleRequest {
    std::string prompt;
    bool isChat = false; ///< through the chat template, as one user message
    int64_t maxNewTokens = 64;
    double temperature = 0.0; ///< 0: greedy
    double topP = 1.0;
    uint64_t seed = 42;
};

/// Continues a prompt by base and adapter (which may be null) in a context. The request fits the model's text.
GenerateResult sampleText(ExecutionContext& context, const BaseModel& base, const LoraAdapter* adapter,
                          const ModelText& text, const SampleRequest& request,
                          const std::function<void(std::string_view)>& onText = {}, std::stop_token stop = {});

} // namespace lorikeet
