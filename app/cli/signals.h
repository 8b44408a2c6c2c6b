// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stop_token>

namespace lorikeet::cli {

/// Turns SIGINT and SIGTERM into a stop request; a second one ends the process at once with status 130. Call once,
/// at the start of main, before any other thread exists (they inherit the blocked signals).
std::stop_token stopOnSignals();

} // namespace lorikeet::cli
