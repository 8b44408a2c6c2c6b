// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/generate/sampler.h"
#include "core/text/tokenizer.h"

namespace lorikeet {

/// Long prompts are computed in pieces of so many tokens: bounded activations, and a stop request is heard in between.
inline constexpr int64_t kPromptPiece = 256;

class BaseModel;
class ExecutionContext;
class KvCache;
class LoraAdapter;

/// Where the words come from: a base, with an adapter or without (null). All must outlive what uses them.
struct Speaker {
    const BaseModel& base;
    const LoraAdapter* adapter;
    const Tokenizer& tokenizer;
};

struct GenerationOptions {
    int maxNewTokens = 256;
    SamplingOptions sampling;
    std::vector<TokenId> endTokens; ///< any of them ends the text and is not part of it
};

/// Why a text ended.
enum class StopReason : uint8_t {
    EndToken,
    Length, ///< maxNewTokens, or the cache is full
    Stopped,
};
/// "eos", "length", "stopped", as the command line prints them.
std::string_view stopReasonName(StopReason reason);

struct GenerationResult {
    std::string text;            ///< whole UTF-8 characters
    std::vector<TokenId> tokens; ///< without the end token
    StopReason stop = StopReason::Length;
    int64_t promptTokens = 0; ///< computed now: those that the cache held already do not count
    double promptSeconds = 0.0;
    double decodeSeconds = 0.0;

    double promptTokensPerSecond() const;
    double tokensPerSecond() const;
};

/// Called with each piece of text as soon as its characters are whole.
using TextCallback = std::function<void(std::string_view)>;

/// The tokens that end what `speaker` says: those of the configuration and the tokenizer, and the ends of a turn that
/// common chat templates write.
std::vector<TokenId> endTokensOf(const Speaker& speaker);

/// Continues `prompt`, of which the cache holds the first cache.length() tokens already (fewer than all). Afterwards
/// it holds the prompt and what was generated but for the last token. Throws InvalidArgument for an empty prompt or
/// one that does not fit the cache.
GenerationResult generateText(ExecutionContext&, const Speaker& speaker, std::span<const TokenId> prompt,
                              KvCache& cache, const GenerationOptions& options, const TextCallback& onText = {},
                              std::stop_token stop = {});

/// The same with a cache of its own, as large as needed.
GenerationResult generateText(ExecutionContext&, const Speaker& speaker, std::span<const TokenId> prompt,
                              const GenerationOptions& options, const TextCallback& onText = {},
                              std::stop_token stop = {});

} // namespace lorikeet
