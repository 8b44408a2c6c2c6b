// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/train/run_events.h"

namespace lorikeet {

/// A line of JSON for an event that is part of a run's numbers: steps, evaluations and samples; else nothing.
std::string historyLine(const RunEvent& event);

/// The events of such lines, in order. Throws BadFile, naming `path` and the line.
std::vector<RunEvent> parseHistory(const std::filesystem::path& path, std::string_view text);

} // namespace lorikeet
