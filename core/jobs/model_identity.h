// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

namespace lorikeet {

/// SHA-256 over names, types, shapes and some bytes of each of a model's tensors: the same for a copy of it, whatever
/// its path. A whole SHA-256 of a large model takes as long as reading it (70 billion parameters: minutes); what is
/// taken here are the ends of each tensor and pages in between, which no other training, conversion or quantization
/// leaves as they are.
std::string weightsIdentity(const std::filesystem::path& model);

/// The same with what config.json, or the metadata of a .gguf file, say of how the weights are used. Its words, the
/// tokenizer and the chat template, are no part of it. Throws BadFile, Io.
std::string modelIdentity(const std::filesystem::path& model);

} // namespace lorikeet
