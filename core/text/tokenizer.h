// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lorikeet {

using TokenId = int32_t;

struct EncodeOptions {
    bool addSpecial = true;   ///< add the begin and end tokens that the vocabulary asks for
    bool parseSpecial = true; ///< recognise special tokens written out in the text, e.g. "<|im_end|>"
};

/// Text to token ids and back. Immutable after loading; every method may be called from any thread.
class Tokenizer {
public:
    virtual ~Tokenizer() = default;

    /// Throws InvalidArgument where `text` is not UTF-8 (naming the byte), never replaces silently.
    virtual std::vector<TokenId> encode(std::string_view text, EncodeOptions options = {}) const = 0;

    /// The text of a whole sequence, as UTF-8: bytes that form no character become U+FFFD. Special tokens are left out
    /// unless `keepSpecial`; ids outside the vocabulary throw InvalidArgument.
    virtual std::string decode(std::span<const TokenId> ids, bool keepSpecial = false) const = 0;

    /// The raw bytes that one token adds to the text (special ones their written form), perhaps part of a character:
    /// see Utf8Stream. A SentencePiece piece keeps its leading space, which decode() drops at the very start.
    virtual std::string pieceBytes(TokenId id) const = 0;

    /// One more than the highest id.
    virtual int64_t vocabularySize() const = 0;

    virtual std::optional<TokenId> bos() const = 0;
    virtual std::optional<TokenId> eos() const = 0;

    /// Whether encode() with addSpecial puts bos() in front.
    virtual bool addsBos() const = 0;
    /// Whether encode() with addSpecial puts eos() behind.
    virtual bool addsEos() const = 0;

    /// Control tokens, which decode() leaves out. False outside the vocabulary.
    virtual bool isSpecial(TokenId id) const = 0;

    /// The id of a token by its written form, e.g. "<|im_end|>".
    virtual std::optional<TokenId> find(std::string_view token) const = 0;
};

/// Opens the tokenizer of `model`: a folder (tokenizer.json, else tokenizer.model) or a GGUF file. Throws NotFound
/// where there is none, BadFile where it is malformed, NotBuilt naming a component that is not supported.
std::unique_ptr<Tokenizer> loadTokenizer(const std::filesystem::path& model);

/// The chat template of `model` (chat_template.jinja, tokenizer_config.json, GGUF metadata), or none. Throws BadFile
/// where the file that should hold it is malformed.
std::optional<std::string> findChatTemplate(const std::filesystem::path& model);

} // namespace lorikeet
