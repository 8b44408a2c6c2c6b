// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lorikeet::cli {

/// A word as a POSIX shell reads it back: as it is where that is safe, else in single quotes.
std::string shellWord(std::string_view word);

/// Words with spaces between them, each as shellWord.
std::string shellLine(const std::vector<std::string>& words);

} // namespace lorikeet::cli
