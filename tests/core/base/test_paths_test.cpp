// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_paths.h"

#include <fstream>

#include <gtest/gtest.h>

namespace lorikeet {

TEST(TestPaths, SourceFileFindsTheSourceTree) {
    EXPECT_TRUE(std::filesystem::exists(sourceFile("CMakePresets.json")));
}

TEST(TestPaths, TemporaryFoldersAreApartAndRemovedWithTheirContent) {
    std::filesystem::path kept;
    {
        TemporaryFolder first;
        TemporaryFolder second;
        EXPECT_NE(first.path(), second.path());
        kept = first.path();
        std::filesystem::create_directories(first / "a/b");
        std::ofstream(first / "a/b/file") << "content";
        EXPECT_TRUE(std::filesystem::is_directory(second.path()));
    }
    EXPECT_FALSE(std::filesystem::exists(kept));
}

} // namespace lorikeet
