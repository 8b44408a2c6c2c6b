// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/formats/safetensors.h"

namespace lorikeet {

/// Writes a .safetensors file whose tensors come one after another, so that no two of them have to be in memory at
/// once. The file appears whole or not at all (see AtomicFile). Throws InvalidArgument or Io.
class SafetensorsStream {
public:
    /// What will come, in this order; `bytes` of the records is not looked at.
    SafetensorsStream(const std::filesystem::path& path, std::span<const TensorRecord> tensors,
                      const SafetensorsMetadata& metadata = {});
    ~SafetensorsStream();
    SafetensorsStream(const SafetensorsStream&) = delete;
    SafetensorsStream& operator=(const SafetensorsStream&) = delete;

    /// The whole next tensor.
    void write(std::span<const std::byte> bytes);
    /// After the last tensor.
    void commit();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace lorikeet
