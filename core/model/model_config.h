// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/backend/operations.h"

namespace lorikeet {

class GgufFile;

/// How rotary frequencies are stretched for contexts longer than the model was first trained on.
enum class RopeType : uint8_t { Default, Linear, Dynamic, Yarn, Llama3 };

/// Rotary position embedding: inv_freq_i = theta^(-2i/d), then what `type` does to it (numerics, section 7).
struct RopeConfig {
    RopeType type = RopeType::Default;
    double theta = 10000.0;
    double factor = 1.0;
    int rotaryDim = 0;                ///< how many of a head's values turn: even, at most headDim
    int64_t originalPositions = 0;    ///< the context before it was stretched
    double lowFrequencyFactor = 1.0;  ///< llama3
    double highFrequencyFactor = 4.0; ///< llama3
    double betaFast = 32.0;           ///< yarn
    double betaSlow = 1.0;            ///< yarn
    double attentionFactor = 1.0;     ///< multiplies cosines and sines (yarn)
    bool truncate = true;             ///< yarn: correction range rounded outwards to whole dimensions
    std::vector<float> divisors;      ///< [rotaryDim / 2] that frequencies are divided by, or empty (GGUF's rope_freqs)

    bool operator==(const RopeConfig&) const = default;
};

/// The shape of a decoder, whatever file it came from. Every field has been checked: sizes are positive and bounded,
/// heads are a multiple of kvHeads.
struct ModelConfig {
    std::string architecture; ///< Hugging Face's model_type: "llama", "mistral", "qwen2"
    int vocabularySize = 0;   ///< V
    int hiddenSize = 0;       ///< C
    int intermediateSize = 0; ///< of the feed-forward layer
    int layers = 0;
    int heads = 0;   ///< H
    int kvHeads = 0; ///< G
    int headDim = 0; ///< D; H*D need not be C
    int64_t maxPositions = 0;
    float normEpsilon = 1e-6f;
    Activation activation = Activation::Silu;
    bool queryKeyValueBias = false;
    bool attentionOutputBias = false;
    bool feedForwardBias = false;
    bool tiedEmbeddings = false; ///< the output head is the embedding
    std::vector<int> windows;    ///< by layer: how many keys a query sees, 0 for all
    RopeConfig rope;
    std::vector<int32_t> endTokens; ///< eos_token_id: one, several or none

    bool operator==(const ModelConfig&) const = default;
};

/// Reads config.json of a model folder, or the metadata of a .gguf file. Throws BadFile naming file, key and value;
/// an architecture or a RoPE type that is not built is refused as NotBuilt with the list of known ones.
ModelConfig readModelConfig(const std::filesystem::path& model);

/// The same from config.json's text; `source` is named in errors.
ModelConfig parseModelConfig(std::string_view json, const std::filesystem::path& source);
/// The same from GGUF metadata and, for stretched RoPE, the tensor rope_freqs.
ModelConfig modelConfigOf(const GgufFile& file, const std::filesystem::path& source);

/// The architectures that are built, as an error lists them: "llama, mistral, qwen2".
std::string knownArchitectures();

} // namespace lorikeet
