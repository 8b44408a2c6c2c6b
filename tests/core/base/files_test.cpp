// SPDX-License-Identifier: GPL-3.0-or-later
#include <cerrno>
#include <csignal>
#include <fstream>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/files.h"
#include "tests/support/errors.h"
#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

using testing::HasSubstr;

std::vector<std::string> namesIn(const std::filesystem::path& folder) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        names.push_back(entry.path().filename().string());
    return names;
}

/// Makes the operation number `failing` (from 0) fail with EIO while it lives, and counts operations.
class OneFault {
public:
    explicit OneFault(int failing, int errorNumber = EIO) {
        setFileFaultHook([this, failing, errorNumber](FileOperation, const std::filesystem::path&) {
            return m_seen++ == failing ? errorNumber : 0;
        });
    }
    ~OneFault() { setFileFaultHook({}); }
    int seen() const { return m_seen; }

private:
    int m_seen = 0;
};

TEST(MappedFile, ShowsTheBytesAlsoAfterTheirRelease) {
    const TemporaryFolder folder;
    std::string text;
    for (int i = 0; i < 30000; ++i)
        text += char('a' + i % 26);
    writeFileAtomically(folder / "file", text);
    const MappedFile file(folder / "file");
    for (std::size_t offset : {0u, 5000u, 29999u, 40000u}) {
        file.release(offset, 10000);
        const auto bytes = file.bytes();
        ASSERT_EQ(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()), text);
    }
}

/// Pages of the mapping that are in this process's memory now.
std::size_t residentKilobytes(const void* address) {
    std::ifstream maps("/proc/self/smaps");
    const std::string start = fmt::format("{:x}-", reinterpret_cast<std::uintptr_t>(address));
    bool inside = false;
    for (std::string line; std::getline(maps, line);) {
        if (line.starts_with(start))
            inside = true;
        else if (inside && line.starts_with("Rss:"))
            return std::stoul(line.substr(4));
    }
    ADD_FAILURE() << "no mapping at " << start;
    return 0;
}

TEST(MappedFile, ReleaseTakesPagesOutOfTheProcess) {
    const TemporaryFolder folder;
    writeFileAtomically(folder / "file", std::string(4 << 20, 'x'));
    const MappedFile file(folder / "file");
    std::size_t sum = 0;
    for (std::byte byte : file.bytes())
        sum += std::size_t(byte);
    ASSERT_EQ(sum, std::size_t(4 << 20) * 'x');
    ASSERT_GE(residentKilobytes(file.bytes().data()), 4096u);
    file.release(1 << 20, 2 << 20);
    EXPECT_LE(residentKilobytes(file.bytes().data()), 2048u);
    file.release(0, file.bytes().size());
    EXPECT_EQ(residentKilobytes(file.bytes().data()), 0u);
}

TEST(MappedFile, KnowsThatItHasShrunkAlsoUnderAnotherName) {
    const TemporaryFolder folder;
    writeFileAtomically(folder / "file", std::string(10'000, 'x'));
    const MappedFile file(folder / "file");
    EXPECT_FALSE(file.hasShrunk());
    std::filesystem::resize_file(folder / "file", 20'000);
    EXPECT_FALSE(file.hasShrunk());
    std::filesystem::rename(folder / "file", folder / "moved");
    writeFileAtomically(folder / "file", "a short one in its place");
    EXPECT_FALSE(file.hasShrunk()) << "what is mapped is whole";
    std::filesystem::resize_file(folder / "moved", 9'999);
    EXPECT_TRUE(file.hasShrunk());
}

TEST(MappedFile, EmptyFileMapsToNoBytes) {
    const TemporaryFolder folder;
    writeFileAtomically(folder / "empty", "");
    const MappedFile file(folder / "empty");
    EXPECT_TRUE(file.bytes().empty());
    file.release(0, 1);
}

TEST(MappedFile, WhatIsNoFileIsRefusedByName) {
    const TemporaryFolder folder;
    ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
    for (const char* name : {"absent", "pipe", "."}) {
        const Error error = errorOf([&] { MappedFile file(folder / name); });
        EXPECT_EQ(error.code(), ErrorCode::Io);
        EXPECT_THAT(error.message(), HasSubstr((folder / name).string()));
    }
}

TEST(ReadTextFile, HoldsToItsLimit) {
    const TemporaryFolder folder;
    const std::string text(100000, 't');
    writeFileAtomically(folder / "file", text);
    EXPECT_EQ(readTextFile(folder / "file", 100000), text);
    EXPECT_EQ(errorOf([&] { readTextFile(folder / "file", 99999); }).code(), ErrorCode::BadFile);
    EXPECT_EQ(errorOf([&] { readTextFile(folder / "absent"); }).code(), ErrorCode::Io);
    EXPECT_EQ(errorOf([&] { readTextFile(folder.path()); }).code(), ErrorCode::Io);
}

TEST(ReadTextFile, WhatIsNoRegularFileIsRefusedByNameAndNotWaitedFor) {
    const TemporaryFolder folder;
    ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
    for (const std::filesystem::path& path : {folder / "pipe", folder.path(), std::filesystem::path("/dev/null")}) {
        const Error error = errorOf([&] { readTextFile(path); });
        EXPECT_EQ(error.code(), ErrorCode::Io);
        EXPECT_THAT(error.message(), HasSubstr("cannot open " + path.string()));
    }
}

TEST(AtomicFile, ReplacesTheTargetOnlyOnCommit) {
    const TemporaryFolder folder;
    writeFileAtomically(folder / "file", "old");
    {
        AtomicFile file(folder / "file");
        file.write("new ");
        file.write("content");
        EXPECT_EQ(readTextFile(folder / "file"), "old");
        file.commit();
        EXPECT_EQ(readTextFile(folder / "file"), "new content");
    }
    EXPECT_THAT(namesIn(folder.path()), testing::ElementsAre("file"));
}

TEST(AtomicFile, WithoutCommitNothingIsLeft) {
    const TemporaryFolder folder;
    {
        AtomicFile file(folder / "file");
        file.write("never seen");
    }
    EXPECT_THAT(namesIn(folder.path()), testing::IsEmpty());
}

TEST(AtomicFile, TwoWritersOfOneTargetDoNotMix) {
    const TemporaryFolder folder;
    AtomicFile first(folder / "file");
    AtomicFile second(folder / "file");
    first.write("first");
    second.write("second");
    second.commit();
    first.commit();
    EXPECT_EQ(readTextFile(folder / "file"), "first");
}

TEST(AtomicFile, AnyOneFaultLeavesTheOldOrTheNewFile) {
    const TemporaryFolder folder;
    const auto replace = [&] {
        AtomicFile file(folder / "file");
        file.write("new ");
        file.write("content");
        file.commit();
    };
    int operations = 0;
    {
        const OneFault none(-1);
        replace();
        operations = none.seen();
    }
    ASSERT_EQ(operations, 7); // create, write, write, sync, rename, open and sync of the folder
    for (int failing = 0; failing < operations; ++failing) {
        writeFileAtomically(folder / "file", "old");
        {
            const OneFault fault(failing);
            const Error error = errorOf(replace);
            EXPECT_EQ(error.code(), ErrorCode::Io);
            EXPECT_THAT(error.message(), HasSubstr(folder.path().string()));
        }
        EXPECT_EQ(readTextFile(folder / "file"), failing < 5 ? "old" : "new content") << failing;
        EXPECT_THAT(namesIn(folder.path()), testing::ElementsAre("file")) << failing;
    }
}

TEST(AtomicFile, FullDiskIsNamedAsSuch) {
    const TemporaryFolder folder;
    for (int errorNumber : {ENOSPC, EDQUOT}) {
        const OneFault fault(1, errorNumber);
        const Error error = errorOf([&] { writeFileAtomically(folder / "file", "text"); });
        EXPECT_THAT(error.message(), HasSubstr("the disk is full"));
    }
}

TEST(AtomicFile, ReallyFullDiskLeavesTheOldFile) {
    const TemporaryFolder folder;
    if (::mount("none", folder.path().c_str(), "tmpfs", 0, "size=256k") != 0)
        GTEST_SKIP() << "needs the right to mount a tmpfs (root): " << std::generic_category().message(errno);
    {
        writeFileAtomically(folder / "file", "old");
        const Error error = errorOf([&] { writeFileAtomically(folder / "file", std::string(1 << 20, 'x')); });
        EXPECT_EQ(error.code(), ErrorCode::Io);
        EXPECT_THAT(error.message(), HasSubstr("the disk is full"));
        EXPECT_EQ(readTextFile(folder / "file"), "old");
        EXPECT_THAT(namesIn(folder.path()), testing::ElementsAre("file"));
    }
    EXPECT_EQ(::umount(folder.path().c_str()), 0);
}

TEST(AtomicFile, SizeLimitInTheMiddleOfAWriteLeavesTheOldFile) {
    const TemporaryFolder folder;
    writeFileAtomically(folder / "file", "old");
    // Beyond the limit the kernel writes what fits, then signals; ignored, the next write fails with EFBIG.
    const auto oldHandler = std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const rlimit tight{100000, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
    const Error error = errorOf([&] { writeFileAtomically(folder / "file", std::string(1 << 20, 'x')); });
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, oldHandler);
    EXPECT_EQ(error.code(), ErrorCode::Io);
    EXPECT_EQ(readTextFile(folder / "file"), "old");
    EXPECT_THAT(namesIn(folder.path()), testing::ElementsAre("file"));
}

TEST(AtomicFile, FolderThatIsNotThereIsAnIoError) {
    const TemporaryFolder folder;
    const Error error = errorOf([&] { writeFileAtomically(folder / "absent" / "file", "text"); });
    EXPECT_EQ(error.code(), ErrorCode::Io);
    EXPECT_THAT(error.message(), HasSubstr("absent"));
}

/// A folder with one file in it.
std::string contentOf(const std::filesystem::path& folder) {
    return std::filesystem::exists(folder) ? readTextFile(folder / "file") : "none";
}

TEST(ReplaceFolder, WhereNamesCannotBeExchangedTheOldOneIsPutBackOnAFailure) {
    const TemporaryFolder folder;
    const std::filesystem::path target = folder / "target", fresh = folder / "fresh";
    const auto make = [](const std::filesystem::path& path, const char* text) {
        std::filesystem::create_directories(path);
        std::ofstream(path / "file") << text;
    };
    make(target, "old");
    for (const bool canExchange : {true, false})
        for (int failing = 0; failing < 4; ++failing) {
            make(fresh, "new");
            int count = 0;
            setFileFaultHook([&](FileOperation operation, const std::filesystem::path&) {
                if (operation == FileOperation::Exchange && !canExchange)
                    return EINVAL;
                const bool isRename = operation == FileOperation::Rename || operation == FileOperation::Exchange;
                return isRename && count++ == failing ? EIO : 0;
            });
            bool hasFailed = false;
            try {
                replaceFolder(fresh, target);
            } catch (const Error& error) {
                hasFailed = true;
                EXPECT_EQ(error.code(), ErrorCode::Io);
            }
            setFileFaultHook({});
            EXPECT_EQ(contentOf(target), hasFailed ? "old" : "new") << canExchange << failing;
            std::filesystem::remove_all(target);
            std::filesystem::remove_all(fresh);
            make(target, "old");
        }
    EXPECT_FALSE(std::filesystem::exists(folder / "target.old"));
}

TEST(ListFolder, NamesWhatItHoldsInOrderOrTheFault) {
    const TemporaryFolder folder;
    for (const char* name : {"c", "a", "b"})
        std::ofstream(folder / name) << name;
    EXPECT_EQ(listFolder(folder.path()),
              (std::vector<std::filesystem::path>{folder / "a", folder / "b", folder / "c"}));
    EXPECT_THROW(listFolder(folder / "gone"), Error);
}

} // namespace
} // namespace lorikeet
