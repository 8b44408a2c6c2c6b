// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>

#include "core/formats/tensor_file.h"
#include "core/model/model_config.h"
#include "core/model/model_family.h"
#include "core/model/weight_decoder.h"

namespace lorikeet {

/// A model on disk, opened: its configuration, its tensors, and how they are called.
struct ModelFiles {
    ModelConfig config;
    std::unique_ptr<TensorFile> tensors;
    const TensorNames* names = nullptr;
    bool permutedRows = false; ///< rows of q and k stand in the order of rotated pairs

    std::string path() const { return tensors->path().string(); }
};

/// Opens a model folder or a .gguf file. Throws BadFile, NotBuilt, NotFound or Io.
ModelFiles openModelFiles(const std::filesystem::path& model);

/// Where a head that is said to be tied differs from the embedding, both count: config.tiedEmbeddings becomes false,
/// and the log says so. Compares all of both, where both are there.
void untieOtherHead(ModelFiles& files);

/// The tensor of that name. Throws BadFile where it is missing or has another shape.
const TensorRecord& requireTensor(const ModelFiles& files, const std::string& name, const std::vector<int64_t>& shape);

/// Refuses a tensor that the configuration has no place for, as BadFile.
[[noreturn]] void failExtraTensor(const ModelFiles& files, const TensorRecord& record);

/// How the rows of a linear layer's weight and bias stand in the files.
RowOrder storedRowOrder(const ModelFiles& files, LinearRole role);

} // namespace lorikeet
