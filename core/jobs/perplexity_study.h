// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/quant/quantize.h"
#include "core/tensor/dtype.h"

namespace lorikeet {

class Workshop;

struct PerplexityStudyRequest {
    std::string model; ///< a path or a library's name
    std::string text;
    std::vector<QuantType> types = {QuantType::None, QuantType::Nf4, QuantType::Fp4, QuantType::Int4, QuantType::Int8};
    std::vector<int> blocksizes = {64}; ///< None has none: it is one case; kChosenBlocksize: within the bits of 64
    bool doubleQuant = true;
    std::optional<DType> computeType; ///< absent: as `score` computes
    /// Tokens that are seen at once: the text is cut into windows of so many, each scored by itself. Capped at the
    /// model's positions.
    int64_t window = 512;
    int64_t mostTokens = 8192; ///< of the text, from its beginning; 0: all
};

/// What one way to store the linear layers does to a model.
struct PerplexityCase {
    QuantizationSpec spec;         ///< with kChosenBlocksize where each layer has its own
    double bitsPerParameter = 0.0; ///< of the linear weights: codes, scales and their tables
    /// sqrt(sum of difference^2 / sum of value^2); none where nothing is quantized.
    std::optional<double> relativeError;
    double meanNll = 0.0; ///< natural, over every token but the first of each window
    double perplexity = 0.0;
};

struct PerplexityStudy {
    std::vector<PerplexityCase> cases; ///< by type, then blocksize, as asked for
    int64_t tokens = 0;                ///< of the text that were scored
    int64_t targets = 0;               ///< tokens but the first of each window
    int64_t window = 0;                ///< tokens seen at once
};

struct PerplexityProgress {
    std::size_t finished = 0, cases = 0;
    double fraction = 0.0;                ///< of the case at work
    const PerplexityCase* just = nullptr; ///< the case that has just been finished; valid during the call
};

/// Questions and answers of the starter dataset: what is scored where the user has named no text. Throws NotFound,
/// BadFile.
std::string starterText();

/// Loads the model in each way and scores the text. A text that fits one window gets the perplexity that scoreTokens
/// gives it. `progress` is called on this thread. Throws BadConfig for nothing to compare, a blocksize that is not
/// possible, a text of fewer than two tokens and a model that bitsandbytes has quantized already; Cancelled; as
/// openModel.
PerplexityStudy studyPerplexity(Workshop& workshop, const PerplexityStudyRequest& request,
                                const std::function<void(const PerplexityProgress&)>& progress = {},
                                std::stop_token stop = {});

} // namespace lorikeet
