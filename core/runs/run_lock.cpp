// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runs/run_lock.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/files.h"

namespace lorikeet {

namespace fs = std::filesystem;

namespace {

fs::path lockFile(const fs::path& runFolder) {
    return runFolder / "lock";
}

struct flock wholeFile() {
    struct flock range {};
    range.l_type = F_WRLCK;
    range.l_whence = SEEK_SET;
    return range;
}

[[noreturn]] void failIo(const fs::path& file, const char* what) {
    fail(ErrorCode::Io, "{}: cannot {} the lock: {}", file.string(), what, std::generic_category().message(errno));
}

/// The descriptor that holds the lock, or -1 where somebody else does.
int takeLock(const fs::path& file) {
    const bool isFaulted = isFileFaulted(FileOperation::Open, file);
    const int descriptor = isFaulted ? -1 : ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor < 0)
        failIo(file, "open");
    // A lock of the open file description, not of the process: two holders within one process exclude each other too,
    // and closing another descriptor of the file frees nothing.
    struct flock range = wholeFile();
    if (::fcntl(descriptor, F_OFD_SETLK, &range) == 0)
        return descriptor;
    const int error = errno;
    ::close(descriptor);
    if (error == EAGAIN || error == EACCES)
        return -1;
    errno = error;
    failIo(file, "take");
}

} // namespace

RunLock::RunLock(const fs::path& runFolder) : m_descriptor(takeLock(lockFile(runFolder))) {
    if (m_descriptor < 0)
        fail(ErrorCode::Busy, "run {}: it is running, in this process or another", runFolder.filename().string());
}

RunLock::~RunLock() {
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

RunLock::RunLock(RunLock&& other) noexcept : m_descriptor(std::exchange(other.m_descriptor, -1)) {}

std::optional<RunLock> RunLock::tryTake(const fs::path& runFolder) {
    const int descriptor = takeLock(lockFile(runFolder));
    if (descriptor < 0)
        return std::nullopt;
    return RunLock(descriptor);
}

bool RunLock::isHeld(const fs::path& runFolder) {
    const fs::path file = lockFile(runFolder);
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return false;
        failIo(file, "open");
    }
    struct flock range = wholeFile();
    const bool asked = ::fcntl(descriptor, F_OFD_GETLK, &range) == 0;
    const int error = errno;
    ::close(descriptor);
    if (!asked) {
        errno = error;
        failIo(file, "read");
    }
    return range.l_type != F_UNLCK;
}

} // namespace lorikeet
