// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace lorikeet {

/// Parses the JSON text of a file. Throws BadFile, naming the file and the place, for what is no JSON, for a key that
/// occurs twice in an object, and for nesting deeper than 64.
nlohmann::json parseJsonFile(const std::filesystem::path& path, std::string_view text);

/// The same for a file of at most 64 MiB. Throws Io, too.
nlohmann::json readJsonFile(const std::filesystem::path& path);

} // namespace lorikeet
