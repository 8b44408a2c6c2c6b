// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lorikeet {

/// A file's bytes, mapped read-only. Throws Io where it cannot be opened; an empty file maps to no bytes.
class MappedFile {
public:
    explicit MappedFile(std::filesystem::path path);
    ~MappedFile();
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    const std::filesystem::path& path() const { return m_path; }
    std::span<const std::byte> bytes() const { return {m_data, m_size}; }

    /// Gives the pages of a range back to the system (they come back from the file when touched again), so that
    /// a file that is read once does not count towards the process's peak.
    void release(std::size_t offset, std::size_t length) const;

    /// Whether somebody has made the file shorter since it was mapped. The system ends a process that reads bytes which
    /// the file has lost, so whoever keeps a mapping for long asks before each use.
    bool hasShrunk() const;

private:
    std::filesystem::path m_path;
    int m_descriptor = -1; ///< none for an empty file
    const std::byte* m_data = nullptr;
    std::size_t m_size = 0;
};

/// Reads a whole regular file of at most `limit` bytes. Throws Io, also for a folder, a pipe or a device, which are
/// never waited for, or BadFile where it is larger.
std::string readTextFile(const std::filesystem::path& path, std::size_t limit = std::size_t(256) << 20);

/// A file that appears whole or not at all: written beside its target, fsynced, renamed over it, the folder fsynced.
/// Without commit() nothing of it is left. Every failure throws Io (a full disk names the disk as full).
class AtomicFile {
public:
    explicit AtomicFile(std::filesystem::path target);
    ~AtomicFile();
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;

    void write(std::span<const std::byte> bytes);
    void write(std::string_view text);
    void commit();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// AtomicFile in one call.
void writeFileAtomically(const std::filesystem::path& target, std::string_view text);

/// What a folder holds, in the order of the names. Throws Io.
std::vector<std::filesystem::path> listFolder(const std::filesystem::path& folder);

/// Makes earlier creations and renames in `folder` durable.
void syncFolder(const std::filesystem::path& folder);

/// Renames a file or a folder within its folder, and makes that durable. Throws Io.
void renameDurably(const std::filesystem::path& from, const std::filesystem::path& to);

/// Puts the folder `fresh` in the place of `folder`, and removes what stood there. At any moment `folder` is the old
/// one or the new one, or, on file systems that cannot exchange names, for a moment not there: then the old one is
/// "FOLDER.old". Throws Io; then `folder` is as it was, unless its old content could not be removed.
void replaceFolder(const std::filesystem::path& fresh, const std::filesystem::path& folder);

class Error;
/// Whether an error of these functions says that the disk, or the user's share of it, is full.
bool isDiskFull(const Error& error);

/// The operations of this file that can be made to fail.
enum class FileOperation { Open, Read, Write, Sync, Rename, Exchange };

/// For what opens files by other means: true, with errno set, where a test wants this operation to fail.
bool isFileFaulted(FileOperation operation, const std::filesystem::path& path);

/// For tests: called before each operation; a value other than 0 makes it fail with that errno. Set it back to an
/// empty function afterwards. Not thread-safe against operations under way.
void setFileFaultHook(std::function<int(FileOperation, const std::filesystem::path&)> hook);

} // namespace lorikeet
