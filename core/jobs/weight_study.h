// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/model/blocksizes.h"
#include "core/quant/quantize.h"

namespace lorikeet {

/// How a tensor's values lie between the levels of a quantization: each divided by the largest magnitude of its block.
struct TensorHistogram {
    int blocksize = 0;
    std::vector<int64_t> counts; ///< bins of equal width from -1 to 1; the last one holds 1 too
    int64_t values = 0;          ///< finite ones: the sum of counts
    int64_t notFinite = 0;
    // Of the values themselves:
    double minimum = 0.0, maximum = 0.0, mean = 0.0, standardDeviation = 0.0;
};

struct HistogramRequest {
    std::filesystem::path model; ///< a folder or a .gguf file
    std::string tensor = {};     ///< as the file names it
    int blocksize = 64;          ///< a power of two, 32 to 4096
    int bins = 200;
    int threads = 0; ///< 0: as many as the process may use
};

/// Throws NotFound where the model has no such tensor, BadConfig for a blocksize or number of bins that is not
/// possible, Cancelled, BadFile, NotBuilt, Io.
TensorHistogram tensorHistogram(const HistogramRequest& request, std::stop_token stop = {});

/// The values between -1 and 1 that a 4-bit type can have, ascending: to be drawn on a histogram. None for other types.
std::vector<float> quantizationLevels(QuantType type);

struct ErrorStudyRequest {
    std::filesystem::path model;            ///< a folder or a .gguf file
    std::optional<std::string> tensor = {}; ///< as the file names it; absent: all linear layers
    std::vector<QuantType> types = {QuantType::Nf4, QuantType::Fp4, QuantType::Int4, QuantType::Int8};
    std::vector<int> blocksizes = {32, 64, 128, 256};
    std::vector<bool> doubleQuant = {true};
    bool chosen = false;     ///< with all linear layers: also the best blocksize of each, in the bits of blocks of 64
    int64_t mostWeights = 0; ///< with all linear layers: whole layers, evenly spread, of about so many; 0: all
    int threads = 0;         ///< 0: as many as the process may use
};

/// What one way to quantize costs in accuracy and gains in memory.
struct StudiedQuantization {
    QuantizationSpec spec;      ///< with kChosenBlocksize where each layer has its own
    double relativeError = 0.0; ///< sqrt(sum of difference^2 / sum of value^2)
    double rootMeanSquare = 0.0;
    double meanAbsolute = 0.0;
    double bitsPerParameter = 0.0; ///< codes, scales and their tables
};

struct ErrorStudy {
    std::vector<StudiedQuantization>
        rows;               ///< by type, then blocksize, then double quantization, as asked for; those chosen last
    int64_t weights = 0;    ///< that were quantized
    int64_t allWeights = 0; ///< of all linear layers; of the tensor, where one was asked for
};

/// Quantizes and dequantizes weights in each way asked for. The result does not depend on the number of threads.
/// `progress` is called on this thread with the fraction that is done. Throws as tensorHistogram; BadConfig also for a
/// model that is quantized by bitsandbytes already, BadFile for values that are not finite.
ErrorStudy quantizationErrors(const ErrorStudyRequest& request, const std::function<void(double)>& progress = {},
                              std::stop_token stop = {});

} // namespace lorikeet
