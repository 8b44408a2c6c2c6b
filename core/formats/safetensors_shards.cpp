// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/safetensors_shards.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/files.h"

namespace lorikeet {

SafetensorsShards::SafetensorsShards(std::filesystem::path folder, std::span<const TensorRecord> tensors,
                                     int64_t shardBytes)
    : m_folder(std::move(folder)) {
    int64_t inShard = 0;
    for (const TensorRecord& tensor : tensors) {
        const int64_t bytes = tensor.elements() * storedBlock(tensor.type).bytes;
        if (m_shards.empty() || inShard + bytes > shardBytes) {
            m_shards.emplace_back();
            inShard = 0;
        }
        m_shards.back().push_back(tensor);
        inShard += bytes;
        m_bytes += bytes;
    }
}

std::string SafetensorsShards::nameOf(std::size_t shard) const {
    return m_shards.size() == 1 ? "model.safetensors"
                                : fmt::format("model-{:05}-of-{:05}.safetensors", shard + 1, m_shards.size());
}

void SafetensorsShards::openNext() {
    if (m_next == m_shards.size())
        fail(ErrorCode::InvalidArgument, "writing {}: a tensor more than were announced", m_folder.string());
    const std::vector<TensorRecord>& shard = m_shards[m_next];
    m_stream =
        std::make_unique<SafetensorsStream>(m_folder / nameOf(m_next), shard, SafetensorsMetadata{{"format", "pt"}});
    m_left = shard.size();
    m_next += 1;
}

void SafetensorsShards::write(std::span<const std::byte> bytes) {
    if (!m_stream)
        openNext();
    m_stream->write(bytes);
    m_left -= 1;
    if (m_left > 0)
        return;
    m_stream->commit();
    m_stream.reset();
}

void SafetensorsShards::commit() {
    if (m_stream || m_next != m_shards.size())
        fail(ErrorCode::InvalidArgument, "writing {}: fewer tensors than were announced", m_folder.string());
    if (m_shards.size() == 1)
        return;
    nlohmann::json names = nlohmann::json::object();
    for (std::size_t shard = 0; shard < m_shards.size(); ++shard)
        for (const TensorRecord& tensor : m_shards[shard])
            names[tensor.name] = nameOf(shard);
    const nlohmann::json index = {{"metadata", {{"total_size", m_bytes}}}, {"weight_map", std::move(names)}};
    writeFileAtomically(m_folder / "model.safetensors.index.json", index.dump(2) + "\n");
}

} // namespace lorikeet
