// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/adapter.h"
#include "core/train/run_config.h"

namespace lorikeet {

struct ModelConfig;

/// What adapters a run's "lora" object asks for. Every field must be present.
LoraSpec loraSpec(const LoraConfig& config);

/// Fills in what the adapter to go on from (config.initFrom) decides: r, alpha, targets and what goes with them.
/// Throws BadConfig where the run's file says otherwise. Targets differ where they name other layers of `model`.
void adoptInitialAdapter(LoraConfig& config, const LoraSpec& initial, const ModelConfig& model);

} // namespace lorikeet
