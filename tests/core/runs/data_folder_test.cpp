// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runs/data_folder.h"

#include <cstdlib>

#include <gtest/gtest.h>

#include "core/base/error.h"
#include "core/runs/run_id.h"

namespace lorikeet {
namespace {

namespace fs = std::filesystem;

/// Sets the variables that name the data folder; puts the old ones back.
class DataFolderTest : public testing::Test {
protected:
    DataFolderTest() {
        for (const char* name : kNames)
            if (const char* value = std::getenv(name))
                m_before.emplace_back(name, value);
        for (const char* name : kNames)
            unsetenv(name);
    }
    ~DataFolderTest() override {
        for (const char* name : kNames)
            unsetenv(name);
        for (const auto& [name, value] : m_before)
            setenv(name, value.c_str(), 1);
    }

    static constexpr const char* kNames[] = {"LORIKEET_DATA_DIR", "XDG_DATA_HOME", "HOME"};
    std::vector<std::pair<const char*, std::string>> m_before;
};

TEST_F(DataFolderTest, TakesTheMostParticularOfWhatIsGiven) {
    EXPECT_THROW(findDataFolder(), Error);
    setenv("HOME", "/people/ada", 1);
    EXPECT_EQ(findDataFolder().root, "/people/ada/.local/share/lorikeet");
    setenv("XDG_DATA_HOME", "relative", 1);
    EXPECT_EQ(findDataFolder().root, "/people/ada/.local/share/lorikeet");
    setenv("XDG_DATA_HOME", "/data", 1);
    EXPECT_EQ(findDataFolder().root, "/data/lorikeet");
    setenv("LORIKEET_DATA_DIR", "/own", 1);
    EXPECT_EQ(findDataFolder().root, "/own");
    EXPECT_EQ(findDataFolder(fs::path("given")).root, fs::current_path() / "given");
}

TEST_F(DataFolderTest, NamesItsContents) {
    const DataFolder folder{"/own"};
    const std::string id = newRunId();
    EXPECT_EQ(folder.database(), "/own/lorikeet.db");
    EXPECT_EQ(folder.models(), "/own/models");
    EXPECT_EQ(folder.run(id), fs::path("/own/runs") / id);
    EXPECT_THROW(folder.run("../../../etc"), Error);
    EXPECT_THROW(folder.run(""), Error);
}

} // namespace
} // namespace lorikeet
