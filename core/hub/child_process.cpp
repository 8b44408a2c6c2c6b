// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/hub/child_process.h"

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <string_view>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/error.h"

namespace lorikeet {

namespace {

using namespace std::chrono_literals;

constexpr auto kTick = 100ms;
/// How long a group may take to end by SIGTERM before SIGKILL.
constexpr auto kGrace = 2s;

std::vector<std::string> mergedEnvironment(const ChildCommand& command) {
    std::vector<std::string> merged;
    for (const auto& [name, value] : command.environment) {
        merged.push_back(name + "=" + value);
    }
    for (char** entry = environ; *entry; ++entry) {
        const std::string_view name = std::string_view(*entry).substr(0, std::string_view(*entry).find('='));
        bool replaced = false;
        for (const auto& [key, value] : command.environment) {
            replaced = replaced || key == name;
        }
        if (!replaced) {
            merged.emplace_back(*entry);
        }
    }
    return merged;
}

std::vector<char*> pointersTo(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts) {
        pointers.push_back(text.data());
    }
    pointers.push_back(nullptr);
    return pointers;
}

/// The two settings objects of posix_spawn: a group of its own, default signals, only the standard streams open.
struct SpawnSettings {
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;

    explicit SpawnSettings(const std::filesystem::path& output) {
        posix_spawnattr_init(&attributes);
        posix_spawn_file_actions_init(&actions);
        sigset_t none;
        sigset_t all;
        sigemptyset(&none);
        sigfillset(&all);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
        posix_spawnattr_setpgroup(&attributes, 0);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setsigdefault(&attributes, &all);
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
        posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    }
    ~SpawnSettings() {
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
    }
    SpawnSettings(const SpawnSettings&) = delete;
    SpawnSettings& operator=(const SpawnSettings&) = delete;
};

pid_t spawn(const ChildCommand& command) {
    std::vector<std::string> arguments = command.arguments;
    std::vector<std::string> environment = mergedEnvironment(command);
    const SpawnSettings settings(command.output);
    pid_t child = 0;
    const int error = posix_spawnp(&child, arguments.front().c_str(), &settings.actions, &settings.attributes,
                                   pointersTo(arguments).data(), pointersTo(environment).data());
    if (error == ENOENT) {
        fail(ErrorCode::NotFound, "{}: there is no such program on PATH", command.arguments.front());
    }
    if (error != 0) {
        fail(ErrorCode::Io, "{}: cannot be started: {}", command.arguments.front(), std::strerror(error));
    }
    return child;
}

/// A child that is ended, with its group, unless it was waited for.
class Child {
public:
    explicit Child(const ChildCommand& command) : m_id(spawn(command)) {}
    ~Child() {
        if (m_running) {
            end();
        }
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    bool running() {
        if (m_running) {
            const pid_t ended = waitpid(m_id, &m_status, WNOHANG);
            m_running = ended == 0 || (ended < 0 && errno == EINTR);
            m_lost = ended < 0 && !m_running;
        }
        return m_running;
    }

    int exitStatus(const std::string& program) const {
        if (m_lost) {
            fail(ErrorCode::Io, "{}: its exit status is lost, as where SIGCHLD is ignored", program);
        }
        return WIFEXITED(m_status) ? WEXITSTATUS(m_status) : 128 + WTERMSIG(m_status);
    }

private:
    void end() noexcept {
        kill(-m_id, SIGTERM);
        const auto deadline = std::chrono::steady_clock::now() + kGrace;
        while (running() && std::chrono::steady_clock::now() < deadline) {
            usleep(10'000);
        }
        // Also where the leader has ended: what it started may go on in the group.
        kill(-m_id, SIGKILL);
        while (running()) {
            usleep(1'000);
        }
    }

    pid_t m_id;
    int m_status = 0;
    bool m_running = true;
    bool m_lost = false; ///< the kernel kept no exit status
};

} // namespace

int runChild(const ChildCommand& command, const std::stop_token& stop, FunctionRef<void()> onTick) {
    Child child(command);
    std::mutex mutex;
    std::condition_variable_any ticks;
    while (child.running()) {
        onTick();
        std::unique_lock lock(mutex);
        ticks.wait_for(lock, stop, kTick, [] { return false; });
        if (stop.stop_requested() && child.running()) {
            fail(ErrorCode::Cancelled, "{}: stopped", command.arguments.front());
        }
    }
    return child.exitStatus(command.arguments.front());
}

} // namespace lorikeet
