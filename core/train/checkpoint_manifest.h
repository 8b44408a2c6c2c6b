// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

namespace lorikeet {

/// The version of what a checkpoint's files are and mean.
inline constexpr int kCheckpointFormat = 1;

/// Writes manifest.json: the names, sizes and SHA-256 of all other files of the folder. Throws Io.
void writeManifest(const std::filesystem::path& folder, int64_t step);

/// The file's name: a folder without it is no checkpoint.
inline constexpr const char* kManifestFile = "manifest.json";

/// Reads the manifest and every file that it names, among which `names` must be; returns the step. Throws BadFile,
/// naming the file that is missing or damaged, NotBuilt where a newer Lorikeet wrote the folder, Io.
int64_t requireManifest(const std::filesystem::path& folder, std::span<const std::string_view> names);

} // namespace lorikeet
