// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

namespace lorikeet {

/// Bytes outside of memory for as long as this object lives: a file that has lost its name as soon as it is made, so
/// that nothing of it is left however the process ends. One thread at a time.
class PageFile {
public:
    /// Makes `path` with all of `bytes` bytes, so that a full disk is found here and not in the middle of a run. Throws
    /// Io, here as below, with the file and what the system says.
    PageFile(std::filesystem::path path, int64_t bytes);
    ~PageFile();
    PageFile(const PageFile&) = delete;
    PageFile& operator=(const PageFile&) = delete;

    void write(int64_t offset, std::span<const std::byte> bytes);
    void read(int64_t offset, std::span<std::byte> bytes);
    /// Tells the system that a range is read soon; does not wait.
    void expect(int64_t offset, int64_t bytes) noexcept;

private:
    [[noreturn]] void failWith(std::string_view action, int number) const;

    std::filesystem::path m_path;
    int m_descriptor = -1;
};

} // namespace lorikeet
