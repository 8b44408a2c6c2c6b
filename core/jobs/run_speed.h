// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

#include "core/train/run_config.h"

namespace lorikeet {

class RunStore;

/// How fast a finished run trained.
struct RunSpeed {
    std::string run, name; ///< its id and name
    double tokensPerSecond = 0.0;
};

/// Of the newest finished run of the model that `config` names, or of its path, on these kernels; one with the same
/// method and setting of gradient checkpointing is preferred. Throws as RunStore.
std::optional<RunSpeed> measuredSpeed(const RunStore& store, const RunConfig& config, const std::string& path,
                                      const std::string& kernels);

} // namespace lorikeet
