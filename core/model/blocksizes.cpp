// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/blocksizes.h"

#include <bit>
#include <cmath>

#include "core/base/error.h"
#include "core/model/model_config.h"
#include "core/quant/blocksize_allocation.h"

namespace lorikeet {

namespace {

int64_t bytesOf(const std::vector<Shape>& shapes, QuantizationSpec spec, const Blocksizes& blocksizes) {
    int64_t bytes = 0;
    for (std::size_t i = 0; i < shapes.size(); ++i) {
        if (!blocksizes.empty())
            spec.blocksize = blocksizes[i];
        bytes += quantizedBytes(shapes[i].elements(), spec);
    }
    return bytes;
}

/// Those which the words of a message have, so that a budget taken from there is possible.
constexpr double kShownBits = 1e4;

} // namespace

QuantizationSpec linearSpec(QuantizationSpec spec, const Blocksizes& blocksizes, int layer, LinearRole role) {
    if (!blocksizes.empty())
        spec.blocksize = blocksizes[std::size_t(linearIndex(layer, role))];
    return spec;
}

void checkBlocksizes(const ModelConfig& model, const Blocksizes& blocksizes) {
    if (blocksizes.empty())
        return;
    if (blocksizes.size() != std::size_t(model.layers) * kLinearRoles)
        fail(ErrorCode::BadConfig, "blocksizes of {} linear layers, but the model has {}", blocksizes.size(),
             int64_t(model.layers) * kLinearRoles);
    for (const int blocksize : blocksizes)
        if (blocksize < kSmallestBlocksize || blocksize > kLargestBlocksize ||
            !std::has_single_bit(unsigned(blocksize)))
            fail(ErrorCode::BadConfig, "the blocksize {} is not a power of two from {} to {}", blocksize,
                 kSmallestBlocksize, kLargestBlocksize);
}

std::vector<Shape> linearShapes(const ModelConfig& model) {
    std::vector<Shape> shapes;
    for (int layer = 0; layer < model.layers; ++layer)
        for (const LinearRole role : kAllLinearRoles) {
            const LinearLayout layout = linearLayout(model, role);
            shapes.push_back({layout.out, layout.in});
        }
    return shapes;
}

int64_t linearWeights(const ModelConfig& model) {
    int64_t weights = 0;
    for (const Shape& shape : linearShapes(model))
        weights += shape.elements();
    return weights;
}

double bitsPerParameter(const ModelConfig& model, const QuantizationSpec& spec, const Blocksizes& blocksizes) {
    return 8.0 * double(bytesOf(linearShapes(model), spec, blocksizes)) / double(linearWeights(model));
}

BitsRange possibleBits(const ModelConfig& model, const QuantizationSpec& spec) {
    const auto bitsIn = [&](int blocksize) {
        return bitsPerParameter(model, {spec.type, blocksize, spec.doubleQuant}, {});
    };
    return {bitsIn(kLargestBlocksize), bitsIn(kSmallestBlocksize)};
}

void requirePossibleBits(const ModelConfig& model, const QuantizationSpec& spec, double bits) {
    const BitsRange possible = possibleBits(model, spec);
    if (bits >= possible.low && bits <= possible.high)
        return;
    fail(ErrorCode::BadConfig,
         "bits_per_parameter is {}; with {}{} this model takes at least {:.4f} (blocks of {}) and at most "
         "{:.4f} (blocks of {})",
         bits, quantTypeName(spec.type), spec.doubleQuant ? " and double quantization" : "",
         std::ceil(possible.low * kShownBits) / kShownBits, kLargestBlocksize,
         std::floor(possible.high * kShownBits) / kShownBits, kSmallestBlocksize);
}

Blocksizes bestBlocksizes(const ModelConfig& model, const QuantizationSpec& spec, double bits,
                          const std::vector<LayerErrors>& errors) {
    requirePossibleBits(model, spec, bits);
    const std::vector<Shape> shapes = linearShapes(model);
    std::vector<std::vector<StorageChoice>> layers(shapes.size());
    for (std::size_t i = 0; i < shapes.size(); ++i)
        for (int choice = 0; choice < kBlocksizeChoices; ++choice)
            layers[i].push_back(
                {quantizedBytes(shapes[i].elements(), {spec.type, blocksizeChoice(choice), spec.doubleQuant}),
                 errors[i][std::size_t(choice)]});
    const double bytes = bits * double(linearWeights(model)) / 8.0;
    // The bits of blocks of some size, computed from their bytes, must give these bytes again.
    Blocksizes blocksizes;
    for (const int choice : allocateBytes(layers, int64_t(std::floor(bytes * (1.0 + 1e-12)))))
        blocksizes.push_back(blocksizeChoice(choice));
    return blocksizes;
}

Blocksizes likelyBlocksizes(const ModelConfig& model, const QuantizationSpec& spec, double bits) {
    std::vector<LayerErrors> errors;
    for (const Shape& shape : linearShapes(model)) {
        LayerErrors& layer = errors.emplace_back();
        // The largest of normal values, by which they are divided, grows as the root of the logarithm of their number.
        for (int choice = 0; choice < kBlocksizeChoices; ++choice)
            layer[std::size_t(choice)] = double(shape.elements()) * std::log(double(blocksizeChoice(choice)));
    }
    return bestBlocksizes(model, spec, bits, errors);
}

} // namespace lorikeet
