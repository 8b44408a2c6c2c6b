// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "core/base/function_ref.h"

namespace lorikeet {

struct ChildCommand {
    std::vector<std::string> arguments; ///< the program first, looked up on PATH; no shell reads them
    std::vector<std::pair<std::string, std::string>> environment; ///< set or replaced in a copy of this process's
    std::filesystem::path output;                                 ///< the file that stdout and stderr are written to
};

/// Runs a program in a process group of its own, without stdin, and returns its exit status (128 + N where signal N
/// ended it). Calls `onTick` about ten times a second meanwhile. On a stop, or when `onTick` throws, the whole group
/// is ended before this returns. Throws NotFound where there is no such program, Cancelled on a stop, Io.
int runChild(const ChildCommand& command, const std::stop_token& stop, FunctionRef<void()> onTick);

} // namespace lorikeet
