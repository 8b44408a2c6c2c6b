// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/sha256.h"
#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

// Expected digests: the examples of NIST FIPS 180-2, appendix B.
constexpr auto kAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr auto kMillionA = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

std::span<const std::byte> bytesOf(std::string_view text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}

TEST(Sha256, GivesThePublishedDigests) {
    Sha256 abc;
    abc.update(bytesOf("abc"));
    EXPECT_EQ(abc.finish(), kAbc);
    EXPECT_EQ(Sha256().finish(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Sha256, DoesNotDependOnHowTheBytesArrive) {
    const std::string text(1000000, 'a');
    Sha256 digest;
    for (std::size_t begin = 0; begin < text.size(); begin += 777)
        digest.update(bytesOf(std::string_view(text).substr(begin, 777)));
    EXPECT_EQ(digest.finish(), kMillionA);
}

TEST(Sha256, DigestsAFileLongerThanOneChunk) {
    const TemporaryFolder folder;
    writeFileAtomically(folder.path() / "a", std::string(1000000, 'a'));
    EXPECT_EQ(sha256OfFile(folder.path() / "a"), kMillionA);
    Sha256 digest;
    const std::string text(3 << 20, 'x');
    digest.update(bytesOf(text));
    writeFileAtomically(folder.path() / "x", text);
    EXPECT_EQ(sha256OfFile(folder.path() / "x"), digest.finish());
}

TEST(Sha256, MissingFileOrFolderIsAnIoErrorThatNamesIt) {
    const TemporaryFolder folder;
    for (const auto& path : {folder.path() / "absent", folder.path()}) {
        try {
            sha256OfFile(path);
            FAIL() << path;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::Io);
            EXPECT_NE(error.message().find(path.string()), std::string::npos);
        }
    }
}

} // namespace
} // namespace lorikeet
