// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/control_groups.h"

#include <fstream>
#include <string>

namespace lorikeet {

std::vector<std::filesystem::path> controlGroups() {
    const std::filesystem::path root = "/sys/fs/cgroup";
    std::filesystem::path group = root;
    std::ifstream groups("/proc/self/cgroup");
    for (std::string line; std::getline(groups, line);)
        if (line.starts_with("0::/"))
            group = root / line.substr(4);
    std::vector<std::filesystem::path> folders;
    for (;; group = group.parent_path()) {
        folders.push_back(group);
        if (group == root || group == group.parent_path())
            return folders;
    }
}

} // namespace lorikeet
