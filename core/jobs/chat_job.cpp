// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/chat_job.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <climits>

#include <fmt/format.h>

#include "core/backend/backend.h"
#include "core/base/error.h"
#include "core/base/sha256.h"
#include "core/generate/chat_session.h"
#include "core/jobs/generate_job.h"
#include "core/jobs/model_identity.h"
#include "core/jobs/model_library.h"
#include "core/jobs/readable.h"
#include "core/model/base_model.h"
#include "core/runs/run_store.h"

namespace lorikeet {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kShownDigits = 8;
constexpr int64_t kFirstCapacity = 2048; ///< tokens: a cache for all positions of a large model would not fit

/// The step in the name of a checkpoint's folder, "step-100".
std::optional<int64_t> stepInName(const fs::path& folder) {
    constexpr std::string_view kPrefix = "step-";
    const std::string name = folder.filename().string();
    int64_t step = 0;
    if (!name.starts_with(kPrefix) ||
        std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), step).ec != std::errc())
        return std::nullopt;
    return step;
}

std::string modelName(const ChatSource& source) {
    const fs::path path = source.model;
    return path.extension() == ".gguf" ? path.stem().string()
           : path.has_filename()       ? path.filename().string()
                                       : path.parent_path().filename().string();
}

ChatLabel labelOf(const OpenedModel& model, const ChatSource& source) {
    ChatLabel label;
    label.model = modelName(source);
    const std::optional<QuantizationSpec>& quantization = model.base->quantization();
    label.dataType = quantization                              ? upperCase(quantTypeName(quantization->type))
                     : model.base->computeType() == DType::F32 ? "F32"
                                                               : "BF16";
    label.weights = weightsIdentity(model.path).substr(0, kShownDigits);
    if (source.adapter) {
        label.adapter = isModelFolder(*source.adapter)
                            ? label.weights
                            : sha256OfFile(*source.adapter / "adapter_model.safetensors").substr(0, kShownDigits);
        label.step = source.step ? source.step : stepInName(*source.adapter);
    }
    return label;
}

ModelRequest requestOf(const ChatSource& source) {
    return {source.model, source.adapter, source.wish, defaultQuantization()};
}

} // namespace

ChatSource chatSourceOfRun(const RunStore& store, std::string_view run, std::optional<int64_t> step) {
    const RunRecord record = store.get(run);
    ChatSource source{.model = record.model};
    if (!step) {
        if (!record.adapter)
            fail(ErrorCode::NotFound, "run {} has not saved what it trained yet", run);
        source.adapter = *record.adapter;
        source.step = record.steps;
        return source;
    }
    for (const CheckpointRecord& checkpoint : store.checkpoints(run))
        if (checkpoint.step == *step) {
            source.adapter = checkpoint.path;
            source.step = step;
            return source;
        }
    fail(ErrorCode::NotFound, "run {} has no checkpoint of step {}", run, *step);
}

ChatSource baseOf(const ChatSource& source) {
    ChatSource base = source;
    base.adapter.reset();
    base.step.reset();
    if (!source.adapter)
        return base;
    const BaseChoice choice = completeChoice(source.wish, readTrainedOver(*source.adapter), defaultQuantization());
    base.wish = {.type = QuantType::None, .blocksize = {}, .doubleQuant = {}, .computeType = choice.computeType};
    if (choice.quantization) {
        base.wish.type = choice.quantization->type;
        base.wish.blocksizes = choice.blocksizes;
        if (choice.blocksizes.empty())
            base.wish.blocksize = choice.quantization->blocksize;
        base.wish.doubleQuant = choice.quantization->doubleQuant;
    }
    return base;
}

ChatSpeaker::ChatSpeaker(Workshop& workshop, const ChatSource& source, const ProgressObserver& progress,
                         std::stop_token stop)
    : m_model(openModel(workshop, requestOf(source), progress, std::move(stop))), m_label(labelOf(m_model, source)),
      m_template(templateFor(m_model, /*isRaw=*/false)) {
    m_label.usesTemplate = m_template != nullptr;
}

ChatSpeaker::~ChatSpeaker() = default;

SpokenAnswer ChatSpeaker::answer(std::span<const ChatMessage> messages, const ChatSampling& sampling,
                                 const TextCallback& onText, std::stop_token stop) {
    if (messages.empty() || messages.back().role != "user")
        fail(ErrorCode::BadConfig, "chat: the last of {} messages is not the user's", messages.size());
    if (sampling.maxNewTokens < 1 || sampling.maxNewTokens > INT_MAX)
        fail(ErrorCode::BadConfig, "max-new-tokens is {}; allowed is a whole number of at least 1",
             sampling.maxNewTokens);
    std::vector<ChatMessage> all;
    if (!m_systemPrompt.empty())
        all.push_back({"system", m_systemPrompt});
    all.insert(all.end(), messages.begin(), messages.end());
    const GenerationResult result = m_template ? answerByTemplate(std::move(all), sampling, onText, std::move(stop))
                                               : continueText(all, sampling, onText, std::move(stop));
    return {result.text, int64_t(result.tokens.size()), result.tokensPerSecond(), result.stop};
}

GenerationResult ChatSpeaker::answerByTemplate(std::vector<ChatMessage> messages, const ChatSampling& sampling,
                                               const TextCallback& onText, std::stop_token stop) {
    const Speaker speaker{*m_model.base, m_model.adapterOrNull(), *m_model.text.tokenizer};
    const int64_t positions = m_model.base->config().maxPositions;
    const auto tokens = int64_t(speaker.tokenizer.encode(m_template->render(messages, true), {false, true}).size());
    if (tokens >= positions)
        fail(ErrorCode::BadConfig, "the conversation has {} tokens, but the model has {} positions", tokens, positions);
    const int64_t needed = std::min(positions, tokens + sampling.maxNewTokens);
    if (!m_session || needed > m_capacity) {
        m_session.reset(); // its memory first
        m_capacity = std::min(positions, std::max(kFirstCapacity, int64_t(std::bit_ceil(uint64_t(needed)))));
        m_session = std::make_unique<ChatSession>(*m_model.context, speaker, *m_template, m_capacity);
    }
    std::string last = std::move(messages.back().content);
    messages.pop_back();
    m_session->setMessages(std::move(messages));
    const GenerationOptions options{.maxNewTokens = int(sampling.maxNewTokens),
                                    .sampling = {float(sampling.temperature), float(sampling.topP), sampling.seed,
                                                 float(sampling.repetitionPenalty)},
                                    .endTokens = {}};
    return m_session->send(*m_model.context, std::move(last), options, onText, std::move(stop));
}

GenerationResult ChatSpeaker::continueText(std::span<const ChatMessage> messages, const ChatSampling& sampling,
                                           const TextCallback& onText, std::stop_token stop) {
    std::string text;
    for (const ChatMessage& message : messages)
        text += (text.empty() ? "" : "\n\n") + message.content; // as plain rows join a system text and a prompt
    const GenerateRequest request{.prompt = std::move(text),
                                  .isRaw = true,
                                  .maxNewTokens = sampling.maxNewTokens,
                                  .temperature = sampling.temperature,
                                  .topP = sampling.topP,
                                  .repetitionPenalty = sampling.repetitionPenalty,
                                  .seed = sampling.seed};
    return generateText(m_model, request, onText, std::move(stop));
}

} // namespace lorikeet
