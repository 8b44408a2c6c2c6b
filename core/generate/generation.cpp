// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/generate/generation.h"

#include <algorithm>
#include <chrono>

#include "core/base/error.h"
#include "core/model/base_model.h"
#include "core/model/decoder.h"
#include "core/model/kv_cache.h"
#include "core/text/utf8_stream.h"

namespace lorikeet {

namespace {

using Clock = std::chrono::steady_clock;

// How common chat templates end a turn where the configuration does not say it.
constexpr std::string_view kTurnEnds[] = {"<|im_end|>", "<|eot_id|>", "<end_of_turn>", "<|end|>", "<|endoftext|>"};

double secondsSince(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// The state of one generateText().
class Generation {
public:
    Generation(ExecutionContext& context, const Speaker& speaker, KvCache& cache, const GenerationOptions& options)
        : m_context(context), m_speaker(speaker), m_cache(cache), m_options(options), m_sampler(options.sampling),
          m_logits(context.allocate(DType::F32, {1, speaker.base.config().vocabularySize}, MemoryTag::Logits)) {}

    /// False where it was stopped on the way.
    bool readPrompt(std::span<const TokenId> prompt, const std::stop_token& stop) {
        m_sampler.note(prompt);
        while (m_cache.length() < int64_t(prompt.size())) {
            if (stop.stop_requested())
                return false;
            const auto rest = prompt.subspan(std::size_t(m_cache.length()));
            feed(rest.first(std::min(rest.size(), std::size_t(kPromptPiece))));
        }
        return true;
    }

    void feed(std::span<const TokenId> tokens) {
        const Storage ids = m_context.allocate(DType::I32, {int64_t(tokens.size())}, MemoryTag::Data);
        m_context.backend().upload(m_context, tokens.data(), ids);
        decode(m_context, m_speaker.base, m_speaker.adapter, ids, m_cache, m_logits);
    }

    TokenId next() {
        m_hostLogits.resize(std::size_t(m_logits.shape().elements()));
        m_context.backend().download(m_context, m_logits, m_hostLogits.data());
        const TokenId token = m_sampler.next(m_hostLogits);
        m_sampler.note({&token, 1});
        return token;
    }

    bool ends(TokenId token) const {
        return std::find(m_options.endTokens.begin(), m_options.endTokens.end(), token) != m_options.endTokens.end();
    }

private:
    ExecutionContext& m_context;
    const Speaker& m_speaker;
    KvCache& m_cache;
    const GenerationOptions& m_options;
    Sampler m_sampler;
    Storage m_logits;
    std::vector<float> m_hostLogits;
};

/// Writes pieces of text to the result and to the caller as their characters become whole.
class TextOutput {
public:
    TextOutput(const Tokenizer& tokenizer, GenerationResult& result, const TextCallback& onText)
        : m_tokenizer(tokenizer), m_result(result), m_onText(onText) {}

    void add(TokenId token) {
        m_result.tokens.push_back(token);
        // A model may give logits to ids that its tokenizer does not have.
        if (token < m_tokenizer.vocabularySize() && !m_tokenizer.isSpecial(token))
            write(m_stream.push(m_tokenizer.pieceBytes(token)));
    }
    void finish() { write(m_stream.finish()); }

private:
    void write(const std::string& piece) {
        m_result.text += piece;
        if (m_onText && !piece.empty())
            m_onText(piece);
    }

    const Tokenizer& m_tokenizer;
    GenerationResult& m_result;
    const TextCallback& m_onText;
    Utf8Stream m_stream;
};

void checkPrompt(std::span<const TokenId> prompt, const KvCache& cache, int vocabularySize) {
    if (prompt.empty() || cache.length() >= int64_t(prompt.size()) || int64_t(prompt.size()) > cache.capacity())
        fail(ErrorCode::InvalidArgument, "generate: a prompt of {} tokens, but the cache holds {} of {}", prompt.size(),
             cache.length(), cache.capacity());
    for (TokenId token : prompt)
        if (token < 0 || token >= vocabularySize)
            fail(ErrorCode::InvalidArgument, "generate: token {} is not below the vocabulary size {}", token,
                 vocabularySize);
}

} // namespace

std::string_view stopReasonName(StopReason reason) {
    switch (reason) {
    case StopReason::EndToken:
        return "eos";
    case StopReason::Length:
        return "length";
    case StopReason::Stopped:
        return "stopped";
    }
    return "unknown";
}

double GenerationResult::promptTokensPerSecond() const {
    return promptSeconds > 0.0 ? double(promptTokens) / promptSeconds : 0.0;
}

double GenerationResult::tokensPerSecond() const {
    return decodeSeconds > 0.0 ? double(tokens.size()) / decodeSeconds : 0.0;
}

std::vector<TokenId> endTokensOf(const Speaker& speaker) {
    std::vector<TokenId> tokens = speaker.base.config().endTokens;
    if (const auto eos = speaker.tokenizer.eos())
        tokens.push_back(*eos);
    for (std::string_view turnEnd : kTurnEnds)
        if (const auto token = speaker.tokenizer.find(turnEnd); token && speaker.tokenizer.isSpecial(*token))
            tokens.push_back(*token);
    std::sort(tokens.begin(), tokens.end());
    tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
    return tokens;
}

GenerationResult generateText(ExecutionContext& context, const Speaker& speaker, std::span<const TokenId> prompt,
                              KvCache& cache, const GenerationOptions& options, const TextCallback& onText,
                              std::stop_token stop) {
    checkPrompt(prompt, cache, speaker.base.config().vocabularySize);
    if (options.maxNewTokens < 0)
        fail(ErrorCode::BadConfig, "max_new_tokens is {}, expected 0 or more", options.maxNewTokens);
    Generation generation(context, speaker, cache, options);
    GenerationResult result;
    result.promptTokens = int64_t(prompt.size()) - cache.length();
    TextOutput output(speaker.tokenizer, result, onText);

    const auto start = Clock::now();
    bool going = generation.readPrompt(prompt, stop);
    context.backend().synchronize(context);
    result.promptSeconds = secondsSince(start);
    if (!going)
        result.stop = StopReason::Stopped;

    const auto decodeStart = Clock::now();
    while (going && int(result.tokens.size()) < options.maxNewTokens) {
        if (stop.stop_requested()) {
            result.stop = StopReason::Stopped;
            break;
        }
        const TokenId token = generation.next();
        if (generation.ends(token)) {
            result.stop = StopReason::EndToken;
            break;
        }
        output.add(token);
        if (cache.length() == cache.capacity())
            break;
        if (int(result.tokens.size()) < options.maxNewTokens)
            generation.feed({&token, 1});
    }
    output.finish();
    result.decodeSeconds = secondsSince(decodeStart);
    return result;
}

GenerationResult generateText(ExecutionContext& context, const Speaker& speaker, std::span<const TokenId> prompt,
                              const GenerationOptions& options, const TextCallback& onText, std::stop_token stop) {
    const int64_t capacity = std::max<int64_t>(1, int64_t(prompt.size()) + std::max(options.maxNewTokens, 0));
    KvCache cache(context, speaker.base.config(), speaker.base.computeType(), capacity);
    return generateText(context, speaker, prompt, cache, options, onText, std::move(stop));
}

} // namespace lorikeet
