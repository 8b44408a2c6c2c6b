// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <vector>

namespace lorikeet {

/// The folders of this process's control group (version 2) and of the groups above it, the innermost first. Their files
/// need not be there.
std::vector<std::filesystem::path> controlGroups();

} // namespace lorikeet
