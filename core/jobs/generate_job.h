// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include "core/generate/generation.h"
#include "core/jobs/open_model.h"

namespace lorikeet {

class ChatTemplate;

struct GenerateRequest {
    std::string prompt = {};
    bool isRaw = false; ///< without the chat template
    int64_t maxNewTokens = 256;
    double temperature = 0.0; ///< 0: greedy
    double topP = 1.0;
    double repetitionPenalty = 1.0; ///< 1: none
    uint64_t seed = 42;
};

/// Throws BadConfig, naming the value and what is allowed, for numbers out of range.
void requireInRange(const GenerateRequest& request);

/// Continues a prompt. Without isRaw it goes through the chat template as one user message, where the model has one
/// and the adapter, if it is ours, was trained with it. `onText` hears whole characters as they come. Throws BadConfig
/// for a request out of range or a prompt that is empty or longer than the model's positions.
GenerationResult generateText(OpenedModel& model, const GenerateRequest& request, const TextCallback& onText = {},
                              std::stop_token stop = {});

/// Whether prompts go through the chat template, as above.
const ChatTemplate* templateFor(const OpenedModel& model, bool isRaw);

/// The same for parts that are open already; isRaw is not looked at, chatTemplate null stands for it. The prompt is
/// tokenized as the rows of training are.
GenerationResult continuePrompt(ExecutionContext& context, const Speaker& speaker, const ChatTemplate* chatTemplate,
                                const GenerateRequest& request, const TextCallback& onText = {},
                                std::stop_token stop = {});

} // namespace lorikeet
