// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace lorikeet {

/// The tokenizer's part of a GGUF file; empty lists and strings, and ids of -1, are left out.
struct GgufVocabulary {
    std::string model = "llama", pre, chatTemplate;
    std::vector<std::string> tokens, merges;
    std::vector<float> scores;
    std::vector<int32_t> types;
    int32_t bos = 1, eos = 2, unknown = 0;
    std::optional<bool> addBos, addEos;
};

/// Nine pieces: <unk> <s> </s> ▁ a b ab c bc, where "bc" scores above "ab".
GgufVocabulary tinySentencePiece();

void writeVocabulary(const std::filesystem::path& path, const GgufVocabulary& vocabulary);

} // namespace lorikeet
