// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <unordered_set>

#include "core/formats/byte_reader.h"
#include "core/formats/gguf_file.h"

namespace lorikeet {

/// Bytes of one element of a metadata type; 0 for strings and arrays.
std::size_t ggufTypeSize(GgufType type);

/// Reads and checks the parts of a GGUF file in their order, into the GgufFile that is being built.
class GgufFile::Parser {
public:
    Parser(GgufFile& file, std::span<const std::byte> bytes)
        : m_file(file), m_bytes(bytes), m_reader(file.path(), bytes) {}

    void parse();

private:
    /// A tensor's description before its data is found.
    struct Description {
        TensorRecord record;
        uint64_t offset = 0; ///< from the start of the data
        uint64_t bytes = 0;
    };

    void parseHeader();
    void parseMetadata();
    Value parseValue(std::string_view key, GgufType type);
    Value parseArray(std::string_view key);
    GgufType parseType(std::string_view key);
    uint64_t alignment() const;
    Description parseTensor();
    StoredType parseTensorType(std::string_view name);
    void checkOffset(const Description& tensor, uint64_t alignment) const;
    void placeTensors(std::vector<Description> tensors);

    GgufFile& m_file;
    std::span<const std::byte> m_bytes;
    ByteReader m_reader;
    uint64_t m_tensorCount = 0;
    uint64_t m_metadataCount = 0;
};

} // namespace lorikeet
