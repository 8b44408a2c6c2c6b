// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/files.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/error.h"

namespace lorikeet {

namespace {

std::function<int(FileOperation, const std::filesystem::path&)>& faultHook() {
    static std::function<int(FileOperation, const std::filesystem::path&)> hook;
    return hook;
}

constexpr std::string_view kDiskFull = "the disk is full";

/// Throws Io for the current errno. `action` completes "cannot ...".
[[noreturn]] void failWithErrno(std::string_view action, const std::filesystem::path& path) {
    const int number = errno;
    const std::string reason = std::generic_category().message(number);
    if (number == ENOSPC || number == EDQUOT)
        fail(ErrorCode::Io, "cannot {} {}: {} ({})", action, path.string(), kDiskFull, reason);
    fail(ErrorCode::Io, "cannot {} {}: {}", action, path.string(), reason);
}

/// An open file, closed with its owner.
class Descriptor {
public:
    Descriptor(const std::filesystem::path& path, int flags, std::string_view action) {
        if (!isFileFaulted(FileOperation::Open, path))
            m_number = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
        if (m_number < 0)
            failWithErrno(action, path);
    }
    ~Descriptor() { close(); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int number() const { return m_number; }
    /// Leaves closing it to the caller.
    int release() { return std::exchange(m_number, -1); }
    /// False with errno where the system reports a late write error.
    bool close() {
        const int number = std::exchange(m_number, -1);
        return number < 0 || ::close(number) == 0;
    }

private:
    int m_number = -1;
};

/// The size of a file that was opened with O_NONBLOCK, without which opening a pipe would wait for somebody to write
/// to it. Throws Io where it is no regular file.
std::size_t requireRegularFile(const Descriptor& file, const std::filesystem::path& path) {
    struct stat status {};
    if (::fstat(file.number(), &status) != 0)
        failWithErrno("open", path);
    if (S_ISDIR(status.st_mode))
        fail(ErrorCode::Io, "cannot open {}: it is a folder, not a file", path.string());
    if (!S_ISREG(status.st_mode))
        fail(ErrorCode::Io, "cannot open {}: it is not a regular file", path.string());
    return std::size_t(status.st_size);
}

std::filesystem::path folderOf(const std::filesystem::path& path) {
    return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

} // namespace

bool isFileFaulted(FileOperation operation, const std::filesystem::path& path) {
    if (!faultHook())
        return false;
    const int fault = faultHook()(operation, path);
    if (fault != 0)
        errno = fault;
    return fault != 0;
}

void setFileFaultHook(std::function<int(FileOperation, const std::filesystem::path&)> hook) {
    faultHook() = std::move(hook);
}

MappedFile::MappedFile(std::filesystem::path path) : m_path(std::move(path)) {
    Descriptor file(m_path, O_RDONLY | O_NONBLOCK, "open");
    m_size = requireRegularFile(file, m_path);
    if (m_size == 0)
        return;
    void* data = ::mmap(nullptr, m_size, PROT_READ, MAP_PRIVATE, file.number(), 0);
    if (data == MAP_FAILED)
        failWithErrno("map", m_path);
    m_data = static_cast<const std::byte*>(data);
    m_descriptor = file.release();
}

MappedFile::~MappedFile() {
    if (!m_data)
        return;
    ::munmap(const_cast<std::byte*>(m_data), m_size);
    ::close(m_descriptor);
}

bool MappedFile::hasShrunk() const {
    struct stat status {};
    return m_descriptor >= 0 && ::fstat(m_descriptor, &status) == 0 && std::size_t(status.st_size) < m_size;
}

void MappedFile::release(std::size_t offset, std::size_t length) const {
    if (offset >= m_size || length == 0)
        return;
    const std::size_t page = std::size_t(::sysconf(_SC_PAGESIZE));
    const std::size_t begin = offset / page * page;
    const std::size_t end = offset + std::min(length, m_size - offset);
    // Only advice: where the system declines, the pages merely stay.
    ::madvise(const_cast<std::byte*>(m_data) + begin, end - begin, MADV_DONTNEED);
}

std::string readTextFile(const std::filesystem::path& path, std::size_t limit) {
    const Descriptor file(path, O_RDONLY | O_NONBLOCK, "open");
    requireRegularFile(file, path);
    std::string text;
    std::string chunk(std::size_t(1) << 16, '\0');
    for (;;) {
        const bool isFaulted = isFileFaulted(FileOperation::Read, path);
        const ssize_t count = isFaulted ? -1 : ::read(file.number(), chunk.data(), chunk.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            failWithErrno("read", path);
        if (count == 0)
            return text;
        if (std::size_t(count) > limit - text.size())
            fail(ErrorCode::BadFile, "{} is larger than the {} bytes that are possible here", path.string(), limit);
        text.append(chunk, 0, std::size_t(count));
    }
}

struct AtomicFile::State {
    std::filesystem::path target;
    std::filesystem::path temporary;
    Descriptor file;
    bool renamed = false;
};

namespace {

/// A name beside `target` that no other process or thread uses now.
std::filesystem::path temporaryName(const std::filesystem::path& target) {
    static std::atomic<uint64_t> counter{0};
    std::filesystem::path name = target;
    name += fmt::format(".{}-{}.tmp", ::getpid(), counter.fetch_add(1));
    return name;
}

} // namespace

AtomicFile::AtomicFile(std::filesystem::path target) {
    const std::filesystem::path temporary = temporaryName(target);
    // Not O_EXCL: a leftover of a killed process that had the same number may be overwritten.
    m_state.reset(new State{std::move(target), temporary, {temporary, O_WRONLY | O_CREAT | O_TRUNC, "create"}});
}

AtomicFile::~AtomicFile() {
    m_state->file.close();
    if (!m_state->renamed)
        ::unlink(m_state->temporary.c_str());
}

void AtomicFile::write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        ssize_t count = -1;
        if (!isFileFaulted(FileOperation::Write, m_state->target))
            count = ::write(m_state->file.number(), bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            failWithErrno("write", m_state->target);
        bytes = bytes.subspan(std::size_t(count));
    }
}

void AtomicFile::write(std::string_view text) {
    write(std::as_bytes(std::span(text.data(), text.size())));
}

void AtomicFile::commit() {
    if (isFileFaulted(FileOperation::Sync, m_state->target) || ::fsync(m_state->file.number()) != 0 ||
        !m_state->file.close())
        failWithErrno("write", m_state->target);
    if (isFileFaulted(FileOperation::Rename, m_state->target) ||
        ::rename(m_state->temporary.c_str(), m_state->target.c_str()) != 0)
        failWithErrno("replace", m_state->target);
    m_state->renamed = true;
    syncFolder(folderOf(m_state->target));
}

void writeFileAtomically(const std::filesystem::path& target, std::string_view text) {
    AtomicFile file(target);
    file.write(text);
    file.commit();
}

void syncFolder(const std::filesystem::path& folder) {
    const Descriptor descriptor(folder, O_RDONLY | O_DIRECTORY, "open");
    if (!isFileFaulted(FileOperation::Sync, folder) && ::fsync(descriptor.number()) == 0)
        return;
    // Some network file systems cannot sync folders, and say so in these ways.
    if (errno != EINVAL && errno != ENOTSUP)
        failWithErrno("sync", folder);
}

std::vector<std::filesystem::path> listFolder(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> entries;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
        entries.push_back(entry->path());
    if (error)
        fail(ErrorCode::Io, "cannot list {}: {}", folder.string(), error.message());
    std::sort(entries.begin(), entries.end());
    return entries;
}

namespace {

/// False with errno where it fails.
bool isRenamed(const std::filesystem::path& from, const std::filesystem::path& to) {
    return !isFileFaulted(FileOperation::Rename, to) && ::rename(from.c_str(), to.c_str()) == 0;
}

bool isExchanged(const std::filesystem::path& a, const std::filesystem::path& b) {
    return !isFileFaulted(FileOperation::Exchange, b) &&
           ::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE) == 0;
}

} // namespace

void renameDurably(const std::filesystem::path& from, const std::filesystem::path& to) {
    if (!isRenamed(from, to))
        failWithErrno("rename", from);
    syncFolder(folderOf(to));
}

void replaceFolder(const std::filesystem::path& fresh, const std::filesystem::path& folder) {
    if (!std::filesystem::exists(folder))
        return renameDurably(fresh, folder);
    std::filesystem::path old = folder;
    old += ".old";
    std::error_code error;
    std::filesystem::remove_all(old, error);
    if (isExchanged(fresh, folder)) {
        // Under its own name the old one would look unfinished.
        isRenamed(fresh, old);
    } else {
        if (errno != EINVAL && errno != ENOSYS && errno != ENOTSUP)
            failWithErrno("rename", fresh);
        if (!isRenamed(folder, old))
            failWithErrno("rename", folder);
        if (!isRenamed(fresh, folder)) {
            const int why = errno;
            isRenamed(old, folder);
            errno = why;
            failWithErrno("rename", fresh);
        }
    }
    syncFolder(folderOf(folder));
    std::filesystem::remove_all(old, error);
    if (error)
        fail(ErrorCode::Io, "cannot remove {}: {}", old.string(), error.message());
}

bool isDiskFull(const Error& error) {
    return error.code() == ErrorCode::Io && error.message().find(kDiskFull) != std::string::npos;
}

} // namespace lorikeet
