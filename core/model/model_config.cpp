// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/model_config.h"

#include <array>
#include <utility>

#include "core/base/files.h"
#include "core/model/config_checks.h"

namespace lorikeet {

namespace {

constexpr std::array<std::pair<std::string_view, RopeType>, 5> kRopeTypes = {{{"default", RopeType::Default},
                                                                              {"linear", RopeType::Linear},
                                                                              {"dynamic", RopeType::Dynamic},
                                                                              {"yarn", RopeType::Yarn},
                                                                              {"llama3", RopeType::Llama3}}};

} // namespace

RopeType ropeTypeNamed(std::string_view name, std::string_view source) {
    for (const auto& [known, type] : kRopeTypes)
        if (known == name)
            return type;
    fail(ErrorCode::NotBuilt,
         "{}: the RoPE type \"{}\" is not built; known ones are default, linear, dynamic, yarn, llama3", source, name);
}

void checkModelConfig(const ModelConfig& config, std::string_view source) {
    if (config.heads % config.kvHeads != 0)
        fail(ErrorCode::BadFile, "{}: {} attention heads are not a multiple of {} key/value heads", source,
             config.heads, config.kvHeads);
    const RopeConfig& rope = config.rope;
    if (rope.rotaryDim < 2 || rope.rotaryDim % 2 != 0 || rope.rotaryDim > config.headDim)
        fail(ErrorCode::BadFile, "{}: RoPE turns {} values of a head of {}; expected an even number of them", source,
             rope.rotaryDim, config.headDim);
    if (rope.type == RopeType::Dynamic && rope.rotaryDim < 4)
        fail(ErrorCode::BadFile, "{}: dynamic RoPE needs 4 values of a head or more, got {}", source, rope.rotaryDim);
    if (rope.type == RopeType::Llama3 && !(rope.highFrequencyFactor > rope.lowFrequencyFactor))
        fail(ErrorCode::BadFile, "{}: high_freq_factor {} is not above low_freq_factor {}", source,
             rope.highFrequencyFactor, rope.lowFrequencyFactor);
    if (!rope.divisors.empty() && rope.divisors.size() != std::size_t(rope.rotaryDim / 2))
        fail(ErrorCode::BadFile, "{}: rope_freqs has {} values, expected {}", source, rope.divisors.size(),
             rope.rotaryDim / 2);
}

} // namespace lorikeet
