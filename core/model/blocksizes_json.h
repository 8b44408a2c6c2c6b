// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/model/blocksizes.h"

namespace lorikeet {

/// {"model.layers.0.self_attn.q_proj": 64, ...} for every linear layer.
nlohmann::ordered_json blocksizesJson(const Blocksizes& blocksizes);

/// Reads the same. Throws BadConfig where a layer is missing or unknown, or a blocksize is not possible.
Blocksizes blocksizesFromJson(const nlohmann::json& json);

} // namespace lorikeet
