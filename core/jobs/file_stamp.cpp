// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jobs/file_stamp.h"

#include <functional>

namespace lorikeet {
namespace {

namespace fs = std::filesystem;

/// FNV-1a over eight bytes at once: it need not withstand anybody.
uint64_t mixed(uint64_t hash, uint64_t value) {
    return (hash ^ value) * 0x100000001b3ull;
}

uint64_t hashOfFile(const fs::path& path) {
    std::error_code error;
    const uint64_t size = fs::file_size(path, error);
    const auto time = fs::last_write_time(path, error).time_since_epoch().count();
    return error ? 0 : mixed(mixed(0xcbf29ce484222325ull, size), uint64_t(time)) | 1;
}

} // namespace

FileStamp stampOf(const fs::path& path) {
    std::error_code error;
    if (!fs::is_directory(path, error))
        return {hashOfFile(path)};
    uint64_t sum = 1; // a sum, since a folder is read in any order
    for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error))
        if (it->is_regular_file(error))
            sum += mixed(hashOfFile(it->path()), std::hash<std::string>()(it->path().filename().string()));
    return {sum};
}

} // namespace lorikeet
