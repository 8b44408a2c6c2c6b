// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/model/weight_decoder.h"

namespace lorikeet {

struct ModelFiles;

/// One tensor of a model's files.
struct ModelTensorFile {
    const TensorRecord* record = nullptr; ///< of the files: valid while they are open
    std::string name;                     ///< the Hugging Face name
    RowOrder order;                       ///< of rows that the file keeps in another order than Hugging Face
    bool linearWeight = false;            ///< a weight [out, in] that is quantized
};

/// Every tensor that a model's configuration asks for. Throws BadFile where one is missing, has another shape, or has
/// no place in such a model; BadConfig where weights are quantized already (bitsandbytes).
std::vector<ModelTensorFile> modelTensors(const ModelFiles& files);

} // namespace lorikeet
