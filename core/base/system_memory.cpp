// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/system_memory.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <string>

#include <unistd.h>

#include "core/base/control_groups.h"

namespace lorikeet {
namespace {

/// The number behind `key` in a file of lines "key number"; none where there is no such line.
std::optional<int64_t> numberIn(const std::filesystem::path& path, std::string_view key) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);)
        if (line.starts_with(key))
            return std::strtoll(line.c_str() + key.size(), nullptr, 10);
    return std::nullopt;
}

std::optional<int64_t> numberIn(const std::filesystem::path& path) {
    std::ifstream file(path);
    int64_t number = 0;
    return file >> number ? std::optional(number) : std::nullopt;
}

} // namespace

SystemMemory systemMemory() {
    constexpr int64_t kKibibyte = 1024;
    SystemMemory memory;
    memory.total = int64_t(sysconf(_SC_PHYS_PAGES)) * int64_t(sysconf(_SC_PAGE_SIZE));
    const std::optional<int64_t> available = numberIn("/proc/meminfo", "MemAvailable:");
    memory.available = available ? *available * kKibibyte : memory.total;
    memory.own = numberIn("/proc/self/status", "RssAnon:").value_or(0) * kKibibyte;
    for (const std::filesystem::path& group : controlGroups()) {
        const std::optional<int64_t> limit = numberIn(group / "memory.max");
        if (!limit)
            continue;
        const int64_t cached = numberIn(group / "memory.stat", "inactive_file ").value_or(0);
        const int64_t used = numberIn(group / "memory.current").value_or(0) - cached;
        memory.total = std::min(memory.total, *limit);
        memory.available = std::min(memory.available, std::max<int64_t>(0, *limit - used));
    }
    return memory;
}

} // namespace lorikeet
