// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <span>
#include <string>

namespace CLI {
class App;
}

namespace lorikeet::cli {

/// The first command or option of `words` (without the program) that `app` does not know, as a sentence that names the
/// nearest known one; nothing where all are known.
std::optional<std::string> describeUnknownWord(const CLI::App& app, std::span<const std::string> words);

} // namespace lorikeet::cli
