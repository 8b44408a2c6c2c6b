// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string_view>

namespace lorikeet {

/// A file that comes with the program, by its path in `resources`, e.g. "starter/train.jsonl". Looked for in
/// $LORIKEET_RESOURCES, in ../share/lorikeet beside the program's folder, and in the source tree that the program was
/// built from. Throws NotFound, naming the places.
std::filesystem::path resourceFile(std::string_view relative);

} // namespace lorikeet
