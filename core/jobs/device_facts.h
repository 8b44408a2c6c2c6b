// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>

#include "core/jobs/workshop.h"

namespace lorikeet {

/// What the process computes on, as it is now.
struct DeviceFacts {
    std::string device;       ///< "cpu"
    std::string processor;    ///< its maker's name for it; empty where the system does not tell
    int cores = 0;            ///< that this process may use at once
    std::string kernels;      ///< "avx512"
    int64_t memory = 0;       ///< bytes, all programs together
    int64_t memoryUsed = 0;   ///< by this process: what its models and runs hold
    int64_t memoryOthers = 0; ///< by other programs
    int64_t memoryFree = 0;   ///< for whoever asks first
    std::optional<int64_t>
        diskFree; ///< bytes, where the data folder is or will be; none where the system does not tell
};

/// Makes the backend on first use. Throws as Workshop::backend().
DeviceFacts deviceFacts(Workshop& workshop);

/// The nearest folder at or above `path` that is there.
std::filesystem::path nearestFolder(std::filesystem::path path);

/// Bytes in the data folder.
struct DataFolderUse {
    int64_t models = 0;
    int64_t runs = 0; ///< records, adapters and checkpoints
    int64_t datasets = 0;
    int64_t total = 0; ///< with everything else

    bool operator==(const DataFolderUse&) const = default;
};

/// Walks through the folder; links are not followed, what cannot be read or disappears meanwhile is left out. Throws
/// Cancelled.
DataFolderUse dataFolderUse(const DataFolder& folder, std::stop_token stop = {});

} // namespace lorikeet
