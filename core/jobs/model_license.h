// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

namespace lorikeet {

class TensorFile;

/// The license that a model's files name, as they name it ("apache-2.0"): general.license of a GGUF file, `license` at
/// the head of a folder's README.md, or of its config.json. One line for people; empty where none is named or what
/// names it cannot be read.
std::string modelLicense(const std::filesystem::path& model, const TensorFile& file);

} // namespace lorikeet
