// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <vector>

#include "core/jobs/blocksize_search.h"
#include "core/quant/quantize.h"

namespace lorikeet {

struct QuantizeRequest {
    std::filesystem::path model;     ///< a folder or a .gguf file
    std::filesystem::path out;       ///< a folder that is absent or empty
    QuantizationSpec spec;           ///< type Nf4 or Fp4
    int threads = 0;                 ///< 0: as many as the process may use
    bool choosesBlocksizes = false;  ///< each layer gets one of its own; else all have that of `spec`
    std::optional<double> bits = {}; ///< per parameter, for all layers together, as in BlocksizeRequest
};

/// How far the values of all linear weights move when they are quantized.
struct QuantizationError {
    QuantType type = QuantType::None;
    double rootMeanSquare = 0.0;
    double meanAbsolute = 0.0;
};

struct QuantizeResult {
    std::filesystem::path path;
    QuantizationSpec spec;
    int64_t bytes = 0;                     ///< of all files of the folder
    int64_t weights = 0;                   ///< elements that were quantized
    std::vector<QuantizationError> errors; ///< of nf4, fp4, int4, int8 at the blocksize and double quantization chosen
    std::optional<ChosenBlocksizes> chosen = {}; ///< where each layer has its own; then spec.blocksize means nothing
    bool hasTokenizer = false; ///< else the model's own tokenizer files have to be put into the folder
};

/// Quantizes the linear layers of a model's decoder and writes a bitsandbytes 4-bit checkpoint folder under Hugging
/// Face names: config.json, model.safetensors and the tokenizer's files. Embedding, head, norms and biases stay as
/// stored, block formats of GGUF as bfloat16; where that would mix types, all get one, of 16 bits where nothing is
/// lost. The folder appears whole or not at all. `progress` is called on this thread with the fraction that is done.
/// Throws BadConfig for another type, a budget of bits that is not possible, a model that is quantized by bitsandbytes
/// already, or where `out` exists and is not empty; BadFile, NotBuilt, NotFound, Cancelled, Io.
QuantizeResult quantizeModel(const QuantizeRequest& request, const std::function<void(double)>& progress = {},
                             std::stop_token stop = {});

} // namespace lorikeet
