// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/page_file.h"

#include <cerrno>
#include <fstream>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/files.h"
#include "tests/support/errors.h"
#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

class PageFiles : public testing::Test {
protected:
    void TearDown() override { setFileFaultHook({}); }
    void failAt(FileOperation operation, int number) {
        setFileFaultHook(
            [=](FileOperation one, const std::filesystem::path&) { return one == operation ? number : 0; });
    }

    TemporaryFolder m_folder;
};

TEST_F(PageFiles, GivesBackWhatWasWritten) {
    PageFile file(m_folder / "pages", 100000);
    const std::vector<std::byte> first(60000, std::byte{1}), second(40000, std::byte{2});
    file.write(60000, second);
    file.write(0, first);
    file.expect(0, 100000);
    std::vector<std::byte> back(40000);
    file.read(60000, back);
    EXPECT_EQ(back, second);
    file.read(20000, back);
    EXPECT_EQ(back, std::vector<std::byte>(40000, std::byte{1}));
}

TEST_F(PageFiles, LeavesNothingInItsFolderEvenWhileItIsOpen) {
    std::ofstream(m_folder / "pages") << "left by a process that was killed";
    PageFile file(m_folder / "pages", 4096);
    EXPECT_TRUE(std::filesystem::is_empty(m_folder.path()));
}

TEST_F(PageFiles, AFullDiskIsSaidAtOnceAndWhenWriting) {
    failAt(FileOperation::Write, ENOSPC);
    expectError(ErrorCode::Io, "the disk is full", [&] { PageFile(m_folder / "pages", 4096); });
    EXPECT_TRUE(std::filesystem::is_empty(m_folder.path()));
    setFileFaultHook({});
    PageFile file(m_folder / "pages", 4096);
    failAt(FileOperation::Write, EIO);
    expectError(ErrorCode::Io, "pages", [&] { file.write(0, std::vector<std::byte>(4096)); });
}

TEST_F(PageFiles, AFolderThatIsNotThereIsNamed) {
    expectError(ErrorCode::Io, "nowhere", [&] { PageFile(m_folder / "nowhere" / "pages", 4096); });
}

TEST_F(PageFiles, ReadingBehindItsEndFails) {
    PageFile file(m_folder / "pages", 4096);
    std::vector<std::byte> bytes(4096);
    expectError(ErrorCode::Io, "read from", [&] { file.read(1, bytes); });
}

} // namespace
} // namespace lorikeet
