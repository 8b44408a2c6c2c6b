// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <string_view>

#include "core/base/error.h"
#include "core/model/model_config.h"

namespace lorikeet {

/// Bounds far above any model, so that sizes multiply without overflow and a hostile file cannot ask for the world.
inline constexpr int kMaxLayers = 4096;
inline constexpr int kMaxHeads = 65536;
inline constexpr int kMaxHeadDim = 8192;
inline constexpr int kMaxWidth = 1 << 24;
inline constexpr int kMaxVocabulary = 1 << 26;
inline constexpr int64_t kMaxPositions = int64_t(1) << 40;

/// Refuses a value outside of [low, high] as BadFile naming file and key.
template <typename T>
T checkedRange(std::string_view source, std::string_view key, T value, T low, T high) {
    if (!(value >= low && value <= high))
        fail(ErrorCode::BadFile, "{}: {} is {}, expected {} to {}", source, key, value, low, high);
    return value;
}

/// What has to hold between fields, whatever file they came from. BadFile naming the file.
void checkModelConfig(const ModelConfig& config, std::string_view source);

/// The type of a name ("default", "linear", ...); NotBuilt with the known ones for another.
RopeType ropeTypeNamed(std::string_view name, std::string_view source);

/// What multiplies yarn's cosines and sines (Peng et al. 2023, section 3.4): 0.1 * mscale * ln(factor) + 1.
inline double yarnAttentionFactor(double factor, double mscale = 1.0) {
    return factor <= 1.0 ? 1.0 : 0.1 * mscale * std::log(factor) + 1.0;
}

} // namespace lorikeet
