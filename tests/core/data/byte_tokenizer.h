// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/tokenizer.h"

namespace lorikeet {

/// A tokenizer whose tokens can be told by looking: each byte is its own id; bos is 256, eos 257, both optional.
class ByteTokenizer : public Tokenizer {
public:
    explicit ByteTokenizer(bool hasBos = true, bool hasEos = true) : m_hasBos(hasBos), m_hasEos(hasEos) {}

    static constexpr TokenId kBos = 256, kEos = 257;

    std::vector<TokenId> encode(std::string_view text, EncodeOptions options) const override {
        std::vector<TokenId> ids;
        if (options.addSpecial && m_hasBos)
            ids.push_back(kBos);
        for (const char c : text)
            ids.push_back(static_cast<unsigned char>(c));
        return ids;
    }
    std::string decode(std::span<const TokenId> ids, bool keepSpecial) const override {
        std::string text;
        for (const TokenId id : ids)
            if (keepSpecial || !isSpecial(id))
                text += pieceBytes(id);
        return text;
    }
    std::string pieceBytes(TokenId id) const override {
        return id == kBos ? "<s>" : id == kEos ? "</s>" : std::string(1, char(id));
    }
    int64_t vocabularySize() const override { return 258; }
    std::optional<TokenId> bos() const override { return m_hasBos ? std::optional(kBos) : std::nullopt; }
    std::optional<TokenId> eos() const override { return m_hasEos ? std::optional(kEos) : std::nullopt; }
    bool addsBos() const override { return m_hasBos; }
    bool addsEos() const override { return false; }
    bool isSpecial(TokenId id) const override { return id >= 256; }
    std::optional<TokenId> find(std::string_view) const override { return std::nullopt; }

private:
    bool m_hasBos, m_hasEos;
};

} // namespace lorikeet
