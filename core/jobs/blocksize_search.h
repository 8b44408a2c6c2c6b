// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <vector>

#include "core/model/blocksizes.h"

namespace lorikeet {

struct BlocksizeRequest {
    std::filesystem::path model; ///< a folder or a .gguf file
    QuantType type = QuantType::Nf4;
    bool doubleQuant = true;
    std::optional<double> bits = {}; ///< per parameter, at most; absent: those of blocks of 64
    int threads = 0;                 ///< 0: as many as the process may use
};

/// What quantizing all linear layers takes and loses.
struct BlocksizeCost {
    int blocksize = 0; ///< of all layers; 0: each has its own
    double bitsPerParameter = 0.0;
    double relativeError = 0.0; ///< sqrt(sum of difference^2 / sum of value^2) over all weights
};

struct ChosenBlocksizes {
    Blocksizes blocksizes; ///< of each linear layer
    BlocksizeCost cost;
    double bits = 0.0;                ///< the budget
    std::vector<BlocksizeCost> fixed; ///< every blocksize for all layers, ascending
};

/// Chooses for each linear layer the blocksize with which all of them together lose least within a budget of bits:
/// measured by quantizing each weight in each way, as the sum of squared differences, so that a layer counts by what
/// its weights amount to. One weight is in memory at a time. The same on any number of threads. `progress` is called on
/// this thread with the fraction that is done. Throws BadConfig for a budget that is not possible (naming those that
/// are) and for a model that is quantized already; BadFile, NotBuilt, NotFound, Cancelled, Io.
ChosenBlocksizes chooseBlocksizes(const BlocksizeRequest& request, const std::function<void(double)>& progress = {},
                                  std::stop_token stop = {});

} // namespace lorikeet
