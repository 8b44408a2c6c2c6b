// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runs/run_lock.h"

#include <csignal>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/error.h"
#include "tests/support/test_paths.h"

namespace lorikeet {
namespace {

/// Another process that takes the lock of `folder` and holds it until it is killed.
class LockingProcess {
public:
    explicit LockingProcess(const std::filesystem::path& folder) {
        int ready[2];
        if (pipe(ready) != 0)
            throw std::runtime_error("no pipe");
        m_process = fork();
        if (m_process == 0) {
            const auto lock = RunLock::tryTake(folder);
            const char answer = lock ? 'y' : 'n';
            if (write(ready[1], &answer, 1) == 1)
                pause();
            _exit(0);
        }
        char answer = '?';
        m_holds = read(ready[0], &answer, 1) == 1 && answer == 'y';
        close(ready[0]);
        close(ready[1]);
    }
    ~LockingProcess() { end(); }

    bool holds() const { return m_holds; }
    void end() {
        if (m_process <= 0)
            return;
        kill(m_process, SIGKILL);
        waitpid(m_process, nullptr, 0);
        m_process = 0;
    }

private:
    pid_t m_process = 0;
    bool m_holds = false;
};

TEST(RunLock, IsHeldUntilItsHolderIsGone) {
    const TemporaryFolder folder;
    EXPECT_FALSE(RunLock::isHeld(folder.path()));
    {
        const RunLock lock(folder.path());
        EXPECT_TRUE(RunLock::isHeld(folder.path()));
    }
    EXPECT_FALSE(RunLock::isHeld(folder.path()));
    EXPECT_FALSE(RunLock::isHeld(folder / "missing"));
}

TEST(RunLock, ASecondHolderInTheSameProcessIsRefused) {
    const TemporaryFolder folder;
    std::optional<RunLock> first(std::in_place, folder.path());
    EXPECT_FALSE(RunLock::tryTake(folder.path()));
    try {
        const RunLock second(folder.path());
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::Busy);
    }
    EXPECT_TRUE(RunLock::isHeld(folder.path())) << "a refused attempt must not free the lock";
    const RunLock moved = std::move(*first);
    first.reset();
    EXPECT_TRUE(RunLock::isHeld(folder.path()));
}

TEST(RunLock, AnotherProcessHoldsItUntilItIsKilled) {
    const TemporaryFolder folder;
    LockingProcess other(folder.path());
    ASSERT_TRUE(other.holds());
    EXPECT_TRUE(RunLock::isHeld(folder.path()));
    EXPECT_FALSE(RunLock::tryTake(folder.path()));
    other.end();
    EXPECT_FALSE(RunLock::isHeld(folder.path()));
    EXPECT_TRUE(RunLock::tryTake(folder.path()));
}

TEST(RunLock, AFolderThatIsMissingCannotBeLocked) {
    const TemporaryFolder folder;
    try {
        const RunLock lock(folder / "missing");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::Io);
        EXPECT_NE(error.message().find("missing"), std::string::npos);
    }
}

} // namespace
} // namespace lorikeet
