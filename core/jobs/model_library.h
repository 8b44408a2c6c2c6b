// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/model/model_config.h"
#include "core/runs/data_folder.h"

namespace lorikeet {

/// A model that can be called by name. The library is the folder `models` of the data folder: one folder a model, which
/// holds the model's files or, in model.json, where they are.
struct LibraryModel {
    std::string name;
    std::filesystem::path path = {}; ///< a model folder or a .gguf file
    bool isOwned = false;            ///< its files lie in the data folder; remove deletes them
    bool isThere = false;            ///< its files can be found
    int64_t bytes = 0;               ///< of its files
    std::string problem = {};        ///< why its entry cannot be read; then it has no path

    bool operator==(const LibraryModel&) const = default;
};

/// By name. An absent data folder holds no model; an entry that cannot be read is listed with its problem.
std::vector<LibraryModel> listModels(const DataFolder& folder);

/// Notes where a model is, under `name` or else its file's or folder's own name, with '-' for what no name may hold.
/// Throws NotFound where nothing is there, BadFile or NotBuilt where it is no model that can be read, BadConfig where
/// the name is taken or no name.
LibraryModel addModel(const DataFolder& folder, const std::filesystem::path& path,
                      const std::optional<std::string>& name = std::nullopt);

/// Forgets a model; deletes its files where the library owns them. Throws NotFound.
void removeModel(const DataFolder& folder, const std::string& name);

/// The model folder or .gguf file that a path or a library's name stands for. Throws NotFound naming both places.
std::filesystem::path resolveModel(const DataFolder& folder, const std::string& model);

struct TensorEntry {
    std::string name;
    std::string type; ///< as stored: "BF16", "Q4_1"
    std::vector<int64_t> shape;
    int64_t bytes = 0;
};

/// What a model's files say, without loading its weights.
struct ModelInspection {
    std::filesystem::path path;
    ModelConfig config;
    std::vector<TensorEntry> tensors;
    int64_t parameters = 0;
    int64_t bytes = 0;
    bool hasTokenizer = false;
    bool hasChatTemplate = false;
    std::string license = {}; ///< as the files name it; empty where they do not
};

/// Throws as readModelConfig and the readers of tensor files do.
ModelInspection inspectModel(const std::filesystem::path& model);

} // namespace lorikeet
