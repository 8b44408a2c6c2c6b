// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/hub/resources.h"

#include <cstdlib>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/error.h"
#include "tests/support/test_paths.h"

namespace lorikeet {

TEST(Resources, AFolderThatIsNamedWins) {
    const TemporaryFolder folder;
    std::ofstream(folder / "greeting.txt") << "hello";
    setenv("LORIKEET_RESOURCES", folder.path().c_str(), 1);
    EXPECT_EQ(resourceFile("greeting.txt"), folder / "greeting.txt");
    unsetenv("LORIKEET_RESOURCES");
}

TEST(Resources, TheSourceTreeHoldsThem) {
    EXPECT_EQ(resourceFile("starter/train.jsonl"), sourceFile("resources/starter/train.jsonl"));
}

TEST(Resources, WhatIsMissingIsNamedWithThePlaces) {
    try {
        resourceFile("starter/no_such_file");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::NotFound);
        EXPECT_THAT(error.message(), testing::HasSubstr("starter/no_such_file"));
        EXPECT_THAT(error.message(), testing::HasSubstr(sourceFile("resources").string()));
    }
}

} // namespace lorikeet
