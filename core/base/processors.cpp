// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/processors.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <sched.h>

#include "core/base/control_groups.h"

namespace lorikeet {
namespace {

int processorsInAffinityMask() {
    for (int processors = 1024; processors <= 1024 * 1024; processors *= 2) {
        cpu_set_t* set = CPU_ALLOC(std::size_t(processors));
        if (!set)
            break;
        const std::size_t bytes = CPU_ALLOC_SIZE(std::size_t(processors));
        const bool known = sched_getaffinity(0, bytes, set) == 0;
        const int count = known ? CPU_COUNT_S(bytes, set) : 0;
        CPU_FREE(set);
        if (known)
            return std::max(count, 1);
    }
    return 1;
}

/// The processors that "cpu.max" of one control group grants, rounded up; 0 where it sets no limit.
int quotaOfGroup(const std::filesystem::path& folder) {
    std::ifstream file(folder / "cpu.max");
    double quota = 0.0;
    double period = 0.0;
    if (!(file >> quota >> period) || quota <= 0.0 || period <= 0.0)
        return 0;
    return std::max(1, int(quota / period + 0.999));
}

int processorsInQuota() {
    int least = 0;
    for (const std::filesystem::path& group : controlGroups())
        if (const int quota = quotaOfGroup(group); quota > 0)
            least = least == 0 ? quota : std::min(least, quota);
    return least;
}

} // namespace

int usableProcessors() {
    const int allowed = processorsInAffinityMask();
    const int quota = processorsInQuota();
    return quota > 0 ? std::min(allowed, quota) : allowed;
}

} // namespace lorikeet
