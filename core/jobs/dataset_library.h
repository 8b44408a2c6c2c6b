// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/data/data_config.h"
#include "core/runs/data_folder.h"

namespace lorikeet {

/// A dataset that can be called by name. The library is the folder `datasets` of the data folder: one folder a dataset,
/// whose dataset.json says where its file is and how its rows are read. The starter dataset belongs to it always.
struct LibraryDataset {
    std::string name;
    DataConfig data = {};             ///< as a run's file would have it; data.train is the file's path
    bool isBuiltIn = false;           ///< comes with the program; cannot be changed
    bool isThere = false;             ///< its file can be found
    int64_t bytes = 0;                ///< of its file
    std::optional<int64_t> rows = {}; ///< where they have been counted since the file changed last
    std::string problem = {};         ///< why the entry itself cannot be read; then only its name is known
};

/// The name of the starter dataset.
inline constexpr const char* kStarterDataset = "starter";

/// The starter dataset, then the others by name. A damaged entry is listed with its problem. An absent data folder
/// holds only the starter dataset.
std::vector<LibraryDataset> listDatasets(const DataFolder& folder);

/// One of them. Throws NotFound, and BadFile where the entry is damaged.
LibraryDataset getDataset(const DataFolder& folder, const std::string& name);

/// Adds the file data.train under `name`, or else under a free one made from its own and its folder's. Counts its rows,
/// which takes a pass over the file. Throws NotFound where no file is there, BadFile where it holds no rows that can be
/// read, BadConfig where the name is taken or no name. Whether the columns fit a format is not asked here.
LibraryDataset addDataset(const DataFolder& folder, const DataConfig& data,
                          const std::optional<std::string>& name = std::nullopt);

/// Keeps how the rows are read from now on, or where the file is now. Throws NotFound, and BadConfig where it is built
/// in or a value is not allowed in a run's file.
LibraryDataset updateDataset(const DataFolder& folder, const std::string& name, const DataConfig& data);

/// Notes how many rows the file has, as it is now. Nothing happens to a built-in dataset.
void noteDatasetRows(const DataFolder& folder, const std::string& name, int64_t rows);

/// Throws NotFound, and BadConfig where `to` is taken or no name or the dataset is built in.
LibraryDataset renameDataset(const DataFolder& folder, const std::string& name, const std::string& to);

/// Forgets a dataset, also a damaged one; its file stays. Throws NotFound, BadConfig where it is built in.
void removeDataset(const DataFolder& folder, const std::string& name);

} // namespace lorikeet
