// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/hub/child_process.h"

#include <chrono>
#include <fstream>
#include <string>
#include <thread>

#include <signal.h>

#include <gtest/gtest.h>

#include "core/base/error.h"
#include "core/base/files.h"
#include "tests/support/errors.h"
#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

int runShell(const std::string& script, const TemporaryFolder& folder) {
    const ChildCommand command{
        .arguments = {"sh", "-c", script}, .environment = {{"WORD", "new"}}, .output = folder / "output"};
    return runChild(command, {}, [] {});
}

/// Neither gone nor a zombie.
bool isRunning(pid_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/stat");
    std::string text;
    return std::getline(file, text) && text.find(") Z ") == std::string::npos;
}

TEST(ChildProcess, GivesStatusSignalEnvironmentAndOutput) {
    const TemporaryFolder folder;
    EXPECT_EQ(runShell("echo $WORD; echo err >&2; cat; exit 3", folder), 3);
    EXPECT_EQ(readTextFile(folder / "output"), "new\nerr\n");
    EXPECT_EQ(runShell("kill -KILL $$", folder), 128 + SIGKILL);
}

TEST(ChildProcess, EndsTheWholeGroupOnAStop) {
    const TemporaryFolder folder;
    std::stop_source stop;
    const ChildCommand command{
        .arguments = {"sh", "-c", "sleep 600 & echo $!; wait"}, .environment = {}, .output = folder / "output"};
    std::string output;
    const Error error = errorOf([&] {
        runChild(command, stop.get_token(), [&] {
            output = readTextFile(folder / "output");
            if (output.ends_with('\n'))
                stop.request_stop();
        });
    });
    EXPECT_EQ(error.code(), ErrorCode::Cancelled);
    const pid_t grandchild = std::stoi(output);
    // Whoever inherits it takes a moment to clear it away.
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (isRunning(grandchild) && std::chrono::steady_clock::now() < deadline)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_FALSE(isRunning(grandchild));
}

TEST(ChildProcess, TakesNoLostStatusForSuccess) {
    const TemporaryFolder folder;
    // Whoever starts a program can leave this to it; the kernel then forgets children as they end.
    const auto before = signal(SIGCHLD, SIG_IGN);
    const Error error = errorOf([&] { runShell("exit 3", folder); });
    signal(SIGCHLD, before);
    EXPECT_EQ(error.code(), ErrorCode::Io);
}

} // namespace
} // namespace lorikeet
