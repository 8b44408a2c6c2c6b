// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/page_file.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/files.h"

namespace lorikeet {

PageFile::PageFile(std::filesystem::path path, int64_t bytes) : m_path(std::move(path)) {
    // A process that ended between the next two calls has left a file of this name.
    ::unlink(m_path.c_str());
    if (!isFileFaulted(FileOperation::Open, m_path))
        m_descriptor = ::open(m_path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (m_descriptor < 0)
        failWith("make", errno);
    ::unlink(m_path.c_str());
    const int error =
        isFileFaulted(FileOperation::Write, m_path) ? errno : ::posix_fallocate(m_descriptor, 0, off_t(bytes));
    if (error != 0) {
        ::close(std::exchange(m_descriptor, -1));
        failWith("reserve space in", error);
    }
}

PageFile::~PageFile() {
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

void PageFile::write(int64_t offset, std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t count = isFileFaulted(FileOperation::Write, m_path)
                                  ? -1
                                  : ::pwrite(m_descriptor, bytes.data(), bytes.size(), off_t(offset));
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            failWith("write to", count < 0 ? errno : EIO);
        bytes = bytes.subspan(std::size_t(count));
        offset += count;
    }
}

void PageFile::read(int64_t offset, std::span<std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::pread(m_descriptor, bytes.data(), bytes.size(), off_t(offset));
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            failWith("read from", count < 0 ? errno : EIO);
        bytes = bytes.subspan(std::size_t(count));
        offset += count;
    }
}

void PageFile::expect(int64_t offset, int64_t bytes) noexcept {
    ::posix_fadvise(m_descriptor, off_t(offset), off_t(bytes), POSIX_FADV_WILLNEED);
}

void PageFile::failWith(std::string_view action, int number) const {
    const bool isFull = number == ENOSPC || number == EDQUOT;
    fail(ErrorCode::Io, "optimizer state: cannot {} {}: {}{}{}", action, m_path.string(),
         isFull ? "the disk is full (" : "", std::generic_category().message(number), isFull ? ")" : "");
}

} // namespace lorikeet
