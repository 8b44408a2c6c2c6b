// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

namespace lorikeet {

/// A folder that appears whole or not at all: filled beside its place, then renamed. Without commit() nothing of it is
/// left, nor of the folders above it that had to be made.
class NewFolder {
public:
    /// Throws BadConfig where `target` exists and is not an empty folder, Io.
    explicit NewFolder(const std::filesystem::path& target);
    ~NewFolder();
    NewFolder(const NewFolder&) = delete;
    NewFolder& operator=(const NewFolder&) = delete;

    /// Where to write until commit().
    const std::filesystem::path& path() const { return m_path; }
    const std::filesystem::path& target() const { return m_target; }
    /// Throws Io.
    void commit();

private:
    std::filesystem::path m_target;
    std::filesystem::path m_path;
    std::filesystem::path m_firstMade; ///< the uppermost folder that was made for it; empty where none was
};

} // namespace lorikeet
