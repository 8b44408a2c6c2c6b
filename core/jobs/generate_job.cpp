// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/generate_job.h"

#include <algorithm>
#include <climits>
#include <cmath>

#include "core/base/error.h"
#include "core/data/example.h"
#include "core/model/base_model.h"

namespace lorikeet {
namespace {

std::vector<TokenId> promptTokens(const Tokenizer& tokenizer, const ChatTemplate* chatTemplate,
                                  const std::string& prompt) {
    Piece piece{.text = prompt, .trained = false, .bos = tokenizer.addsBos(), .eos = false};
    if (chatTemplate) {
        const ChatMessage message{"user", prompt};
        piece = {.text = chatTemplate->render({&message, 1}, /*generationPrompt=*/true)};
    }
    return encodePieces({&piece, 1}, tokenizer, 0).tokens;
}

} // namespace

void requireInRange(const GenerateRequest& request) {
    if (request.maxNewTokens < 1 || request.maxNewTokens > INT_MAX)
        fail(ErrorCode::BadConfig, "max-new-tokens is {}; allowed is a whole number of at least 1",
             request.maxNewTokens);
    if (!(request.temperature >= 0.0) || !std::isfinite(request.temperature))
        fail(ErrorCode::BadConfig, "temperature is {}; allowed is a number of at least 0 (0 is greedy)",
             request.temperature);
    if (!(request.topP > 0.0 && request.topP <= 1.0))
        fail(ErrorCode::BadConfig, "top-p is {}; allowed is a number in (0, 1]", request.topP);
}

GenerationResult continuePrompt(ExecutionContext& context, const Speaker& speaker, const ChatTemplate* chatTemplate,
                                const GenerateRequest& request, const TextCallback& onText, std::stop_token stop) {
    requireInRange(request);
    const std::vector<TokenId> prompt = promptTokens(speaker.tokenizer, chatTemplate, request.prompt);
    const int64_t room = speaker.base.config().maxPositions - int64_t(prompt.size());
    if (prompt.empty())
        fail(ErrorCode::BadConfig, "the prompt is empty, and this model has no token that begins a text");
    if (room < 1)
        fail(ErrorCode::BadConfig, "the prompt has {} tokens, but the model has {} positions", prompt.size(),
             speaker.base.config().maxPositions);
    GenerationOptions options;
    options.maxNewTokens = int(std::min(request.maxNewTokens, room));
    options.sampling = {float(request.temperature), float(request.topP), request.seed,
                        float(request.repetitionPenalty)};
    options.endTokens = endTokensOf(speaker);
    return generateText(context, speaker, prompt, options, onText, std::move(stop));
}

const ChatTemplate* templateFor(const OpenedModel& model, bool isRaw) {
    const bool wasPlain = model.trainedOver && model.trainedOver->chatTemplate != TemplateChoice::Chat;
    return isRaw || wasPlain || !model.text.chatTemplate ? nullptr : &*model.text.chatTemplate;
}

GenerationResult generateText(OpenedModel& model, const GenerateRequest& request, const TextCallback& onText,
                              std::stop_token stop) {
    const Speaker speaker{*model.base, model.adapterOrNull(), *model.text.tokenizer};
    return continuePrompt(*model.context, speaker, templateFor(model, request.isRaw), request, onText, std::move(stop));
}

} // namespace lorikeet
