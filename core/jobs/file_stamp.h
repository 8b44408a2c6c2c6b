// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>

namespace lorikeet {

/// Tells whether a file, or one of the files of a folder (not of folders in it), has changed since: sizes and times of
/// the last writing.
struct FileStamp {
    uint64_t value = 0; ///< 0: nothing is there

    bool operator==(const FileStamp&) const = default;
    auto operator<=>(const FileStamp&) const = default;
};

/// Does not throw: what cannot be looked at is not there.
FileStamp stampOf(const std::filesystem::path& path);

} // namespace lorikeet
