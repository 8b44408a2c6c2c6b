// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <stop_token>
#include <string>

namespace lorikeet::cli {

/// The content of a file that the user named: a regular file, or a pipe that somebody writes to, as `<(command)` gives
/// it, read to its end. Throws Io, BadFile above `limit` bytes, Cancelled on a stop while the pipe is waited for.
std::string readNamedInput(const std::filesystem::path& path, const std::stop_token& stop,
                           std::size_t limit = std::size_t(256) << 20);

} // namespace lorikeet::cli
