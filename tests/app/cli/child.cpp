// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/app/cli/child.h"

#include <chrono>
#include <csignal>
#include <fstream>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/files.h"

namespace lorikeet {
namespace {

using namespace std::chrono_literals;

constexpr auto kPause = 2ms;

} // namespace

Child::Child(const std::vector<std::string>& arguments, const std::filesystem::path& scratch, std::string_view input)
    : m_scratch(scratch) {
    std::ofstream(scratch / "in", std::ios::binary) << input;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, (scratch / "in").c_str(), O_RDONLY, 0);
    for (const auto& [stream, name] : {std::pair{STDOUT_FILENO, "out"}, std::pair{STDERR_FILENO, "err"}})
        posix_spawn_file_actions_addopen(&actions, stream, (scratch / name).c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                         0600);
    std::vector<std::string> words = arguments;
    std::vector<char*> pointers;
    for (std::string& word : words)
        pointers.push_back(word.data());
    pointers.push_back(nullptr);
    const int error = posix_spawn(&m_process, words[0].c_str(), &actions, nullptr, pointers.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0)
        throw std::runtime_error("cannot run " + words[0]);
}

Child::~Child() {
    if (m_ended)
        return;
    kill(m_process, SIGKILL);
    waitpid(m_process, nullptr, 0);
}

bool Child::hasEnded() {
    if (!m_ended)
        m_ended = waitpid(m_process, &m_status, WNOHANG) == m_process;
    return m_ended;
}

bool Child::waitForOutput(std::string_view text) {
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (std::chrono::steady_clock::now() < deadline) {
        const bool ended = hasEnded();
        if (readTextFile(m_scratch / "out").find(text) != std::string::npos)
            return true;
        if (ended)
            return false;
        std::this_thread::sleep_for(kPause);
    }
    return false;
}

void Child::sendSignal(int signal) const {
    kill(m_process, signal);
}

ChildResult Child::wait() {
    const auto deadline = std::chrono::steady_clock::now() + 120s;
    while (!hasEnded()) {
        if (std::chrono::steady_clock::now() > deadline)
            kill(m_process, SIGKILL);
        std::this_thread::sleep_for(kPause);
    }
    const int code = WIFSIGNALED(m_status) ? 128 + WTERMSIG(m_status) : WEXITSTATUS(m_status);
    return {code, readTextFile(m_scratch / "out"), readTextFile(m_scratch / "err")};
}

} // namespace lorikeet
