// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>

#include "core/formats/tensor_file.h"
#include "core/model/model_config.h"
#include "core/model/model_family.h"

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

} // namespace lorikeet
