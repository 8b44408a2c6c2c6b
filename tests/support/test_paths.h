// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string_view>

#include <gtest/gtest.h>

namespace lorikeet {

/// A file or folder of the source tree, by its path from the root, e.g. "tests/data/formats/tiny.gguf".
std::filesystem::path sourceFile(std::string_view relative);

/// The folder of real data that others wrote: $LORIKEET_TEST_DATA, else shared/data beside the source tree. It need
/// not exist: see SKIP_WITHOUT_TEST_DATA.
std::filesystem::path testDataFolder();

/// The starter model as a GGUF file: $LORIKEET_TEST_MODEL; an empty path where that is not set.
std::filesystem::path testModelPath();

/// An empty folder of its own, removed with all its content by the destructor.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::filesystem::path& path() const { return m_path; }
    std::filesystem::path operator/(const std::filesystem::path& name) const { return m_path / name; }

private:
    std::filesystem::path m_path;
};

} // namespace lorikeet

/// Skips the test, naming the variable, where the starter model is not at hand.
#define SKIP_WITHOUT_TEST_MODEL()                                                                                      \
    if (!std::filesystem::exists(lorikeet::testModelPath()))                                                           \
    GTEST_SKIP() << "needs LORIKEET_TEST_MODEL, the path of SmolLM2-135M-Instruct.Q4_1.gguf"

/// Skips the test, naming the variable, where a file or folder of the real data is not at hand.
#define SKIP_WITHOUT_TEST_DATA(name)                                                                                   \
    if (!std::filesystem::exists(lorikeet::testDataFolder() / (name)))                                                 \
    GTEST_SKIP() << "needs " << (name) << " in LORIKEET_TEST_DATA (now " << lorikeet::testDataFolder() << ")"
