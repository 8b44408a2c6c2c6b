// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

namespace lorikeet {

/// Where Lorikeet keeps what it makes: lorikeet.db, runs/ID/, models/ and datasets/ under one root. Nothing is created
/// by naming it.
struct DataFolder {
    std::filesystem::path root;

    std::filesystem::path database() const { return root / "lorikeet.db"; }
    std::filesystem::path models() const { return root / "models"; }
    std::filesystem::path datasets() const { return root / "datasets"; }
    std::filesystem::path runs() const { return root / "runs"; }
    /// The folder of one run. Throws InvalidArgument where `id` is no run id, so that no path escapes from runs().
    std::filesystem::path run(std::string_view id) const;
};

/// The folder given, else $LORIKEET_DATA_DIR, else lorikeet in $XDG_DATA_HOME, else in ~/.local/share, always absolute.
/// Relative values of XDG_DATA_HOME are ignored, as the XDG base directory specification asks. Throws Io where no home
/// is known.
DataFolder findDataFolder(const std::optional<std::filesystem::path>& given = std::nullopt);

} // namespace lorikeet
