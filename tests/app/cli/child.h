// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace lorikeet {

/// How a program ended and what it wrote.
struct ChildResult {
    int exitCode = 0; ///< 128 + N where signal N ended it
    std::string out;
    std::string err;
};

/// A program that runs beside the test. Its streams go to files, so that it never waits for a reader.
class Child {
public:
    /// `arguments`: the program's path first. `input` is its stdin; `scratch` is a folder that exists and is its own.
    Child(const std::vector<std::string>& arguments, const std::filesystem::path& scratch, std::string_view input);
    /// Ends the program where it still runs.
    ~Child();
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    /// Waits until `text` stands in stdout; false when the program ends, or a minute passes, without it.
    bool waitForOutput(std::string_view text);
    void sendSignal(int signal) const;
    /// Waits for the end, at most two minutes, after which the program is killed.
    ChildResult wait();

private:
    bool hasEnded();

    std::filesystem::path m_scratch;
    pid_t m_process = -1;
    int m_status = 0;
    bool m_ended = false;
};

} // namespace lorikeet
