// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>

namespace lorikeet {

/// The sign of life of a run: a lock on the file `lock` in the run's folder, held while the run runs. The system frees
/// it when the process ends, however it ends; so a run in state "running" with a free lock was interrupted. Works
/// between processes and between two holders within one. The file itself stays: removing it would let two processes
/// lock two different files.
class RunLock {
public:
    /// Takes the lock. Throws Busy where somebody holds it, Io where the folder cannot be written.
    explicit RunLock(const std::filesystem::path& runFolder);
    ~RunLock();
    RunLock(RunLock&& other) noexcept;
    RunLock& operator=(RunLock&&) = delete;
    RunLock(const RunLock&) = delete;
    RunLock& operator=(const RunLock&) = delete;

    /// Nothing where somebody else holds it; throws Io as the constructor does.
    static std::optional<RunLock> tryTake(const std::filesystem::path& runFolder);

    /// Whether anybody, this process included, holds the lock. Takes nothing, so it disturbs nobody; reading suffices.
    static bool isHeld(const std::filesystem::path& runFolder);

private:
    explicit RunLock(int descriptor) : m_descriptor(descriptor) {}
    int m_descriptor = -1;
};

} // namespace lorikeet
