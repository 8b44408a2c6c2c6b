// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/train/adapter_folder.h"

namespace lorikeet {

struct ModelFiles;

/// The config.json of an opened model, which lies at `model`: its own, or for a .gguf file one that says the same, with
/// `dtype` ("float32") as the type of the tensors. Throws NotBuilt where config.json has no words for the model, Io.
std::string configText(const ModelFiles& files, const std::filesystem::path& model, std::string_view dtype);

/// Its tokenizer's files and chat template. None for a .gguf file whose vocabulary tokenizer.json cannot say. Throws
/// BadFile, NotBuilt, Io.
ModelTexts tokenizerTexts(const ModelFiles& files, const std::filesystem::path& model);
/// Whether a tokenizer is among them.
bool hasTokenizer(const ModelTexts& texts);

/// What stands beside float32 weights of that model once they have been trained. Throws as the two above.
ModelTexts finetunedTexts(const ModelFiles& files, const std::filesystem::path& model);

} // namespace lorikeet
