// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace lorikeet {

/// The machine's memory in bytes, cut to what control groups (version 2) grant.
struct SystemMemory {
    int64_t total = 0;
    int64_t available = 0; ///< that can be taken without swapping; what the system caches of files counts as available
    int64_t own = 0;       ///< resident in this process, without mapped files

    /// What other programs hold.
    int64_t others() const { return total > available + own ? total - available - own : 0; }
    /// What this process could have altogether.
    int64_t usable() const { return total - others(); }
};

/// As it is now. Fields that the system does not tell are 0, `available` then `total`.
SystemMemory systemMemory();

} // namespace lorikeet
