// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/model/model_config.h"

namespace lorikeet {

/// The text of a config.json, as transformers reads it, that parseModelConfig() turns into `config` again. Divisors of
/// RoPE frequencies become the llama3 parameters that make them. `dtype` is that of the tensors beside it ("bfloat16").
/// Throws NotBuilt, naming `source`, where config.json has no words for a part of it.
std::string modelConfigJson(const ModelConfig& config, std::optional<int32_t> beginToken, std::string_view dtype,
                            const std::filesystem::path& source);

} // namespace lorikeet
