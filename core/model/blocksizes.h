// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "core/model/linear_layout.h"
#include "core/quant/quantize.h"
#include "core/tensor/shape.h"

namespace lorikeet {

/// The blocksize of each linear layer of a model, by linearIndex(), where they are not all the same. Empty: each has
/// that of the model's QuantizationSpec.
using Blocksizes = std::vector<int>;

/// Stands for the blocksize where each layer has one of its own.
inline constexpr int kChosenBlocksize = 0;

inline constexpr int kBlocksizeChoices = 8; ///< powers of two from kSmallestBlocksize to kLargestBlocksize
constexpr int blocksizeChoice(int choice) {
    return kSmallestBlocksize << choice;
}
static_assert(blocksizeChoice(kBlocksizeChoices - 1) == kLargestBlocksize);

/// How one linear layer is quantized.
QuantizationSpec linearSpec(QuantizationSpec spec, const Blocksizes& blocksizes, int layer, LinearRole role);

/// Throws BadConfig where there is not one blocksize for each linear layer, or one is not possible. None is right, too.
void checkBlocksizes(const ModelConfig& model, const Blocksizes& blocksizes);

/// The shapes [out, in] of all linear layers, by linearIndex().
std::vector<Shape> linearShapes(const ModelConfig& model);
int64_t linearWeights(const ModelConfig& model);

/// The bits that a weight of the linear layers takes on average, codes, scales and tables, as the ledger books them.
double bitsPerParameter(const ModelConfig& model, const QuantizationSpec& spec, const Blocksizes& blocksizes);

/// The bits per parameter with the largest and with the smallest blocks in all layers.
struct BitsRange {
    double low = 0.0, high = 0.0;
};
BitsRange possibleBits(const ModelConfig& model, const QuantizationSpec& spec);

/// Throws BadConfig, naming the lowest and the highest that is possible, for another budget.
void requirePossibleBits(const ModelConfig& model, const QuantizationSpec& spec, double bits);

/// What a layer's weights lose by each blocksize: sums of squared differences, by blocksizeChoice().
using LayerErrors = std::array<double, kBlocksizeChoices>;

/// Those that make the least sum of errors of all that take at most so many bits per parameter; `errors` is by
/// linearIndex(). Throws as requirePossibleBits.
Blocksizes bestBlocksizes(const ModelConfig& model, const QuantizationSpec& spec, double bits,
                          const std::vector<LayerErrors>& errors);

/// Blocksizes that take as many bits as those which a search within this budget will find, but for a layer's last step:
/// for plans of memory that are made without looking at the weights. Throws as requirePossibleBits.
Blocksizes likelyBlocksizes(const ModelConfig& model, const QuantizationSpec& spec, double bits);

} // namespace lorikeet
