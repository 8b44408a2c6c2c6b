// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/cpu/cpu_backend.h"
#include "core/generate/generation.h"

namespace lorikeet {

/// A vocabulary of 48 tokens: special ones, the two bytes of "é" as tokens of their own, characters.
class TinyTokenizer : public Tokenizer {
public:
    std::vector<TokenId> encode(std::string_view text, EncodeOptions options) const override;
    std::string decode(std::span<const TokenId> ids, bool keepSpecial) const override;
    std::string pieceBytes(TokenId id) const override;
    int64_t vocabularySize() const override { return 48; }
    std::optional<TokenId> bos() const override { return 0; }
    std::optional<TokenId> eos() const override { return 1; }
    bool addsBos() const override { return false; }
    bool addsEos() const override { return false; }
    bool isSpecial(TokenId id) const override { return id == 0 || id == 1; }
    std::optional<TokenId> find(std::string_view token) const override;
};

/// A tiny random model that speaks it.
struct TinySpeaker {
    TinySpeaker();

    Speaker speaker() const { return {*base, nullptr, tokenizer}; }
    /// By one forward pass over the whole sequence.
    TokenId mostProbableAfter(const std::vector<TokenId>& sequence);

    CpuBackend backend{1, "portable"};
    std::unique_ptr<ExecutionContext> context = backend.createContext();
    TinyTokenizer tokenizer;
    std::shared_ptr<const BaseModel> base;
};

bool isWholeUtf8(std::string_view text);

} // namespace lorikeet
