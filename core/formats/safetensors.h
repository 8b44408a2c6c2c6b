// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>

#include "core/base/function_ref.h"
#include "core/formats/tensor_file.h"

namespace lorikeet {

/// Opens a .safetensors file, a model.safetensors.index.json with its shards, or a folder that holds one of them
/// (model.safetensors is taken before an index, as transformers does). Shards are plain names beside the index.
/// Strict: offsets without holes or overlaps, sizes as type and shape say, no duplicate, no trailing byte.
/// Throws BadFile or Io.
std::unique_ptr<TensorFile> openSafetensors(const std::filesystem::path& path);

using SafetensorsMetadata = std::map<std::string, std::string>;

/// The `__metadata__` of one .safetensors file. Throws BadFile or Io.
SafetensorsMetadata readSafetensorsMetadata(const std::filesystem::path& path);

/// Writes a .safetensors file, whole or not at all (see AtomicFile): wider types first, then by name, so that every
/// tensor is aligned. Throws InvalidArgument for records that no such file can hold (a block format, two of one name,
/// bytes unlike the shape), or Io.
void writeSafetensors(const std::filesystem::path& path, std::span<const TensorRecord> tensors,
                      const SafetensorsMetadata& metadata = {{"format", "pt"}});

/// The same for records whose `bytes` are not looked at: `bytesOf(i)` gives those of tensors[i], each asked for once,
/// in the order of the file, and valid until the next call: so no two tensors have to be in memory at once.
void writeSafetensors(const std::filesystem::path& path, std::span<const TensorRecord> tensors,
                      FunctionRef<std::span<const std::byte>(std::size_t)> bytesOf,
                      const SafetensorsMetadata& metadata = {{"format", "pt"}});

} // namespace lorikeet
