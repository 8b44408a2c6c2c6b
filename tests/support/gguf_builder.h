// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace lorikeet {

/// Builds the bytes of a GGUF file piece by piece, right or wrong as a test wants it.
class GgufBuilder {
public:
    std::string magic = "GGUF";
    uint32_t version = 3;
    uint64_t tensorCountOffset = 0; ///< added to the true count
    uint64_t metadataCountOffset = 0;
    std::size_t alignment = 32;
    std::string data; ///< after the padding

    template <typename Number>
    static std::string bytes(Number number) {
        std::string text(sizeof number, '\0');
        std::memcpy(text.data(), &number, sizeof number);
        return text;
    }
    static std::string text(std::string_view value) { return bytes(uint64_t(value.size())) + std::string(value); }

    /// An entry of any type number with its value's bytes as they are.
    GgufBuilder& metadata(std::string_view key, uint32_t type, std::string_view value) {
        return rawMetadata(text(key) + bytes(type) + std::string(value));
    }
    GgufBuilder& rawMetadata(std::string_view entry) {
        m_metadata += entry;
        ++m_metadataCount;
        return *this;
    }
    GgufBuilder& string(std::string_view key, std::string_view value) { return metadata(key, 8, text(value)); }
    GgufBuilder& uint32(std::string_view key, uint32_t value) { return metadata(key, 4, bytes(value)); }

    /// `dims` innermost first, as in the file.
    GgufBuilder& tensor(std::string_view name, const std::vector<int64_t>& dims, uint32_t type, uint64_t offset) {
        std::string description = text(name) + bytes(uint32_t(dims.size()));
        for (int64_t dim : dims)
            description += bytes(dim);
        return rawTensor(description + bytes(type) + bytes(offset));
    }
    GgufBuilder& rawTensor(std::string_view description) {
        m_tensors += description;
        ++m_tensorCount;
        return *this;
    }

    std::string build() const {
        std::string file = magic + bytes(version) + bytes(m_tensorCount + tensorCountOffset) +
                           bytes(m_metadataCount + metadataCountOffset) + m_metadata + m_tensors;
        if (m_tensorCount > 0)
            file.resize((file.size() + alignment - 1) / alignment * alignment, '\0');
        return file + data;
    }

private:
    std::string m_metadata;
    std::string m_tensors;
    uint64_t m_metadataCount = 0;
    uint64_t m_tensorCount = 0;
};

} // namespace lorikeet
