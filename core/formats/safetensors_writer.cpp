// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <unordered_set>

#include <nlohmann/json.hpp>

#include "core/base/files.h"
#include "core/formats/messages.h"
#include "core/formats/safetensors.h"
#include "core/formats/safetensors_stream.h"

namespace lorikeet {

namespace {

int64_t storedBytes(const TensorRecord& tensor) {
    return tensor.elements() * storedBlock(tensor.type).bytes;
}

/// The header's JSON, padded with spaces to a multiple of 8.
std::string headerText(const std::vector<const TensorRecord*>& ordered, const SafetensorsMetadata& metadata) {
    std::string text = "{";
    if (!metadata.empty())
        text += "\"__metadata__\":" + nlohmann::json(metadata).dump();
    uint64_t offset = 0;
    for (const TensorRecord* tensor : ordered) {
        const uint64_t end = offset + uint64_t(storedBytes(*tensor));
        text += fmt::format("{}{}:{{\"dtype\":\"{}\",\"shape\":{},\"data_offsets\":[{},{}]}}",
                            text.size() == 1 ? "" : ",", nlohmann::json(tensor->name).dump(),
                            storedTypeName(tensor->type), nlohmann::json(tensor->shape).dump(), offset, end);
        offset = end;
    }
    text += "}";
    text.resize((text.size() + 7) / 8 * 8, ' ');
    return text;
}

void checkWritable(const std::filesystem::path& path, const TensorRecord& tensor) {
    const StoredBlock block = storedBlock(tensor.type);
    if (block.elements != 1)
        fail(ErrorCode::InvalidArgument, "writing {}: the tensor {} is {}, which safetensors cannot hold",
             path.string(), quotedText(tensor.name), tensor.text());
    if (!isUtf8(tensor.name) || tensor.name == "__metadata__")
        fail(ErrorCode::InvalidArgument, "writing {}: a tensor cannot be named {}", path.string(),
             quotedText(tensor.name));
}

void checkBytes(const std::filesystem::path& path, const TensorRecord& tensor, std::span<const std::byte> bytes) {
    if (int64_t(bytes.size()) != storedBytes(tensor))
        fail(ErrorCode::InvalidArgument, "writing {}: the tensor {} is {}, but comes with {} bytes", path.string(),
             quotedText(tensor.name), tensor.text(), bytes.size());
}

/// The records in their order, checked, and the front of the file that declares them.
std::string checkedHeader(const std::filesystem::path& path, const std::vector<const TensorRecord*>& ordered,
                          const SafetensorsMetadata& metadata) {
    for (const auto& [key, value] : metadata)
        if (!isUtf8(key) || !isUtf8(value))
            fail(ErrorCode::InvalidArgument, "writing {}: the metadata {} = {} is not UTF-8", path.string(),
                 quotedText(key), quotedText(value));
    std::unordered_set<std::string_view> names;
    for (const TensorRecord* tensor : ordered) {
        checkWritable(path, *tensor);
        if (!names.insert(tensor->name).second)
            fail(ErrorCode::InvalidArgument, "writing {}: two tensors are named {}", path.string(),
                 quotedText(tensor->name));
    }
    return headerText(ordered, metadata);
}

void writeFront(AtomicFile& file, const std::string& header) {
    const uint64_t length = header.size();
    file.write(std::as_bytes(std::span(&length, 1)));
    file.write(header);
}

} // namespace

void writeSafetensors(const std::filesystem::path& path, std::span<const TensorRecord> tensors,
                      const SafetensorsMetadata& metadata) {
    writeSafetensors(
        path, tensors, [&](std::size_t index) { return tensors[index].bytes; }, metadata);
}

void writeSafetensors(const std::filesystem::path& path, std::span<const TensorRecord> tensors,
                      FunctionRef<std::span<const std::byte>(std::size_t)> bytesOf,
                      const SafetensorsMetadata& metadata) {
    std::vector<const TensorRecord*> ordered;
    for (const TensorRecord& tensor : tensors)
        ordered.push_back(&tensor);
    std::ranges::sort(ordered, [](const TensorRecord* a, const TensorRecord* b) {
        return std::pair(-storedBlock(a->type).bytes, std::string_view(a->name)) <
               std::pair(-storedBlock(b->type).bytes, std::string_view(b->name));
    });
    const std::string header = checkedHeader(path, ordered, metadata);

    AtomicFile file(path);
    writeFront(file, header);
    for (const TensorRecord* tensor : ordered) {
        const std::span<const std::byte> bytes = bytesOf(std::size_t(tensor - tensors.data()));
        checkBytes(path, *tensor, bytes);
        file.write(bytes);
    }
    file.commit();
}

struct SafetensorsStream::State {
    std::filesystem::path path;
    std::vector<TensorRecord> tensors;
    std::size_t written = 0;
    AtomicFile file;
};

SafetensorsStream::SafetensorsStream(const std::filesystem::path& path, std::span<const TensorRecord> tensors,
                                     const SafetensorsMetadata& metadata) {
    std::vector<const TensorRecord*> ordered;
    for (const TensorRecord& tensor : tensors)
        ordered.push_back(&tensor);
    const std::string header = checkedHeader(path, ordered, metadata);
    m_state.reset(new State{path, {tensors.begin(), tensors.end()}, 0, AtomicFile(path)});
    writeFront(m_state->file, header);
}

SafetensorsStream::~SafetensorsStream() = default;

void SafetensorsStream::write(std::span<const std::byte> bytes) {
    if (m_state->written == m_state->tensors.size())
        fail(ErrorCode::InvalidArgument, "writing {}: a tensor more than the {} that were announced",
             m_state->path.string(), m_state->tensors.size());
    checkBytes(m_state->path, m_state->tensors[m_state->written], bytes);
    m_state->file.write(bytes);
    m_state->written += 1;
}

void SafetensorsStream::commit() {
    if (m_state->written != m_state->tensors.size())
        fail(ErrorCode::InvalidArgument, "writing {}: {} tensors of the {} that were announced", m_state->path.string(),
             m_state->written, m_state->tensors.size());
    m_state->file.commit();
}

} // namespace lorikeet
