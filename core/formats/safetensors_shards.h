// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/formats/safetensors_stream.h"

namespace lorikeet {

/// As transformers cuts models by default.
inline constexpr int64_t kShardBytes = 5'000'000'000;

/// Writes a model's tensors, one after another, into a folder as transformers does: model.safetensors, or, where they
/// have more than `shardBytes`, several shards of at most that (one tensor at least) and an index of them, which comes
/// last. Throws as SafetensorsStream.
class SafetensorsShards {
public:
    /// What will come, in this order; `bytes` of the records is not looked at.
    SafetensorsShards(std::filesystem::path folder, std::span<const TensorRecord> tensors,
                      int64_t shardBytes = kShardBytes);

    /// The whole next tensor.
    void write(std::span<const std::byte> bytes);
    /// After the last tensor.
    void commit();

private:
    std::string nameOf(std::size_t shard) const;
    void openNext();

    std::filesystem::path m_folder;
    std::vector<std::vector<TensorRecord>> m_shards;
    int64_t m_bytes = 0;
    std::unique_ptr<SafetensorsStream> m_stream; ///< of the shard before m_next
    std::size_t m_next = 0;                      ///< shard
    std::size_t m_left = 0;                      ///< tensors of the open shard
};

} // namespace lorikeet
