// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/generate/tiny_speaker.h"

#include <algorithm>

#include "core/model/base_model.h"
#include "core/model/decoder.h"
#include "tests/support/test_paths.h"

namespace lorikeet {

namespace {
// Ids 0 and 1 are special, then come both bytes of "é" several times, so that random text has whole and half ones.
constexpr TokenId kLead = 2;
constexpr TokenId kTrail = 10;
constexpr TokenId kFirstCharacter = 18;
constexpr std::string_view kCharacters = "abcdefghijklmnop<>=.,!? 012345";
} // namespace

std::vector<TokenId> TinyTokenizer::encode(std::string_view text, EncodeOptions) const {
    std::vector<TokenId> ids;
    for (char c : text) {
        if (c == '\xc3')
            ids.push_back(kLead);
        else if (c == '\xa9')
            ids.push_back(kTrail);
        else
            ids.push_back(kFirstCharacter + TokenId(kCharacters.find(c) % kCharacters.size()));
    }
    return ids;
}

std::string TinyTokenizer::decode(std::span<const TokenId> ids, bool) const {
    std::string text;
    for (TokenId id : ids)
        text += pieceBytes(id);
    return text;
}

std::string TinyTokenizer::pieceBytes(TokenId id) const {
    if (id < kLead)
        return id == 0 ? "<s>" : "</s>";
    if (id < kTrail)
        return "\xc3";
    if (id < kFirstCharacter)
        return "\xa9";
    return std::string(1, kCharacters[std::size_t(id - kFirstCharacter)]);
}

std::optional<TokenId> TinyTokenizer::find(std::string_view token) const {
    if (token == "</s>")
        return 1;
    return std::nullopt;
}

TinySpeaker::TinySpeaker() {
    LoadOptions options;
    options.computeType = DType::F32;
    options.threads = 1;
    base = BaseModel::load(*context, sourceFile("tests/data/model/llama_gqa"), options);
}

TokenId TinySpeaker::mostProbableAfter(const std::vector<TokenId>& sequence) {
    const int vocabulary = base->config().vocabularySize;
    const std::vector<int32_t> offsets = {0, int32_t(sequence.size())}, rows = {int32_t(sequence.size()) - 1},
                               targets = {0};
    const DeviceBatch batch = uploadBatch(*context, {sequence, offsets, {}, rows, targets}, vocabulary);
    const Storage logits = context->allocate(DType::F32, {1, vocabulary}, MemoryTag::Logits);
    targetLogits(*context, *base, nullptr, batch, logits);
    std::vector<float> values(std::size_t(vocabulary), 0.0f);
    backend.download(*context, logits, values.data());
    return TokenId(std::max_element(values.begin(), values.end()) - values.begin());
}

bool isWholeUtf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 0;
        if (length == 0 || i + length > text.size())
            return false;
        for (std::size_t k = 1; k < length; ++k)
            if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80)
                return false;
        i += length;
    }
    return true;
}

} // namespace lorikeet
