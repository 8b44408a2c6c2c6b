// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/formats/safetensors.h"

namespace lorikeet {

/// What the front of a .safetensors file declares, checked against the bytes that are there.
struct SafetensorsHeader {
    SafetensorsMetadata metadata;
    std::vector<TensorRecord> tensors; ///< in the order of the header, with their bytes
};

/// Throws BadFile, naming `path`.
SafetensorsHeader parseSafetensorsHeader(const std::filesystem::path& path, std::span<const std::byte> file);

} // namespace lorikeet
