// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <unordered_set>

#include <nlohmann/json.hpp>

#include "core/base/files.h"
#include "core/formats/messages.h"
#include "core/formats/safetensors.h"

namespace lorikeet {

namespace {

/// The header's JSON, padded with spaces to a multiple of 8.
std::string headerText(const std::vector<const TensorRecord*>& ordered, const SafetensorsMetadata& metadata) {
    std::string text = "{";
    if (!metadata.empty())
        text += "\"__metadata__\":" + nlohmann::json(metadata).dump();
    uint64_t offset = 0;
    for (const TensorRecord* tensor : ordered) {
        const uint64_t end = offset + tensor->bytes.size();
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
    if (int64_t(tensor.bytes.size()) != tensor.elements() * block.bytes)
        fail(ErrorCode::InvalidArgument, "writing {}: the tensor {} is {}, but comes with {} bytes", path.string(),
             quotedText(tensor.name), tensor.text(), tensor.bytes.size());
    if (!isUtf8(tensor.name) || tensor.name == "__metadata__")
        fail(ErrorCode::InvalidArgument, "writing {}: a tensor cannot be named {}", path.string(),
             quotedText(tensor.name));
}

} // namespace

void writeSafetensors(const std::filesystem::path& path, std::span<const TensorRecord> tensors,
                      const SafetensorsMetadata& metadata) {
    for (const auto& [key, value] : metadata)
        if (!isUtf8(key) || !isUtf8(value))
            fail(ErrorCode::InvalidArgument, "writing {}: the metadata {} = {} is not UTF-8", path.string(),
                 quotedText(key), quotedText(value));
    std::vector<const TensorRecord*> ordered;
    std::unordered_set<std::string_view> names;
    for (const TensorRecord& tensor : tensors) {
        checkWritable(path, tensor);
        if (!names.insert(tensor.name).second)
            fail(ErrorCode::InvalidArgument, "writing {}: two tensors are named {}", path.string(),
                 quotedText(tensor.name));
        ordered.push_back(&tensor);
    }
    std::ranges::sort(ordered, [](const TensorRecord* a, const TensorRecord* b) {
        return std::pair(-storedBlock(a->type).bytes, std::string_view(a->name)) <
               std::pair(-storedBlock(b->type).bytes, std::string_view(b->name));
    });
    const std::string text = headerText(ordered, metadata);
    const uint64_t length = text.size();

    AtomicFile file(path);
    file.write(std::as_bytes(std::span(&length, 1)));
    file.write(text);
    for (const TensorRecord* tensor : ordered)
        file.write(tensor->bytes);
    file.commit();
}

} // namespace lorikeet
