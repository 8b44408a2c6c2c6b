// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/gguf_parser.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace lorikeet {

namespace {

constexpr uint64_t kMostMetadata = 1 << 16;
constexpr uint64_t kMostTensors = 1 << 18;
constexpr uint64_t kMostArrayElements = 1 << 24; // sixty times the largest vocabularies
constexpr std::size_t kLongestKey = 65535;       // the specification's limit
constexpr std::size_t kLongestTensorName = 63;   // the specification says 64 at most; llama.cpp needs one for a NUL
constexpr uint32_t kMostDimensions = 4;
constexpr uint64_t kDefaultAlignment = 32;
constexpr uint64_t kLargestAlignment = 1 << 20;
constexpr std::string_view kAlignmentKey = "general.alignment";

struct TensorType {
    uint32_t number;
    std::string_view name;
    StoredType type;
};

/// Numbers of the types that are read; from the GGUF specification.
constexpr TensorType kReadTypes[] = {
    {0, "F32", StoredType::F32},    {1, "F16", StoredType::F16},    {2, "Q4_0", StoredType::Q4_0},
    {3, "Q4_1", StoredType::Q4_1},  {6, "Q5_0", StoredType::Q5_0},  {7, "Q5_1", StoredType::Q5_1},
    {8, "Q8_0", StoredType::Q8_0},  {10, "Q2_K", StoredType::Q2_K}, {11, "Q3_K", StoredType::Q3_K},
    {12, "Q4_K", StoredType::Q4_K}, {13, "Q5_K", StoredType::Q5_K}, {14, "Q6_K", StoredType::Q6_K},
    {24, "I8", StoredType::I8},     {25, "I16", StoredType::I16},   {26, "I32", StoredType::I32},
    {27, "I64", StoredType::I64},   {28, "F64", StoredType::F64},   {30, "BF16", StoredType::BF16},
};

struct UnreadType {
    uint32_t number;
    std::string_view name;
};

/// Types that exist and are not read, so that the error can say which one it was.
constexpr UnreadType kUnreadTypes[] = {
    {9, "Q8_1"},   {15, "Q8_K"},  {16, "IQ2_XXS"}, {17, "IQ2_XS"}, {18, "IQ3_XXS"}, {19, "IQ1_S"}, {20, "IQ4_NL"},
    {21, "IQ3_S"}, {22, "IQ2_S"}, {23, "IQ4_XS"},  {29, "IQ1_M"},  {34, "TQ1_0"},   {35, "TQ2_0"}, {39, "MXFP4"},
};

} // namespace

std::size_t ggufTypeSize(GgufType type) {
    switch (type) {
    case GgufType::U8:
    case GgufType::I8:
    case GgufType::Bool:
        return 1;
    case GgufType::U16:
    case GgufType::I16:
        return 2;
    case GgufType::U32:
    case GgufType::I32:
    case GgufType::F32:
        return 4;
    case GgufType::U64:
    case GgufType::I64:
    case GgufType::F64:
        return 8;
    case GgufType::String:
    case GgufType::Array:
        return 0;
    }
    return 0;
}

void GgufFile::Parser::parse() {
    parseHeader();
    parseMetadata();
    std::vector<Description> tensors;
    for (uint64_t i = 0; i < m_tensorCount; ++i)
        tensors.push_back(parseTensor());
    placeTensors(std::move(tensors));
}

void GgufFile::Parser::parseHeader() {
    if (m_bytes.size() >= 4 && std::memcmp(m_bytes.data(), "GGUF", 4) != 0) {
        const std::string advice = foreignFileAdvice(m_bytes);
        failFile(m_file.path(), "not a GGUF file: {}",
                 advice.empty() ? std::string("it does not begin with \"GGUF\"") : advice);
    }
    m_reader.take(4, "the magic \"GGUF\"");
    m_file.m_version = m_reader.number<uint32_t>("the version");
    if ((m_file.m_version & 0xffffu) == 0 && m_file.m_version != 0)
        failFile(m_file.path(), "this is a big-endian GGUF file, which is not read: convert it with "
                                "gguf-convert-endian");
    if (m_file.m_version != 2 && m_file.m_version != 3)
        failFile(m_file.path(), "GGUF version {}, but only 2 and 3 are read", m_file.m_version);
    m_tensorCount = m_reader.number<uint64_t>("the number of tensors");
    m_metadataCount = m_reader.number<uint64_t>("the number of metadata entries");
    if (m_tensorCount > kMostTensors)
        failFile(m_file.path(), "{} tensors are declared, at most {} are possible", m_tensorCount, kMostTensors);
    if (m_metadataCount > kMostMetadata)
        failFile(m_file.path(), "{} metadata entries are declared, at most {} are possible", m_metadataCount,
                 kMostMetadata);
}

void GgufFile::Parser::parseMetadata() {
    for (uint64_t i = 0; i < m_metadataCount; ++i) {
        const std::string_view key = m_reader.string("the key of a metadata entry");
        if (key.empty() || key.size() > kLongestKey || !isUtf8(key))
            failFile(m_file.path(), "metadata entry {}: its key of {} bytes is empty, too long or not UTF-8", i,
                     key.size());
        const Value value = parseValue(key, parseType(key));
        if (!m_file.m_values.emplace(key, value).second)
            failFile(m_file.path(), "the metadata key {} is there twice", quotedText(key));
        m_file.m_keys.push_back(key);
    }
}

GgufType GgufFile::Parser::parseType(std::string_view key) {
    const uint32_t number = m_reader.number<uint32_t>("the type of a metadata value");
    if (number > uint32_t(GgufType::F64))
        failFile(m_file.path(), "the metadata key {} has the unknown type {}", quotedText(key), number);
    return GgufType(number);
}

GgufFile::Value GgufFile::Parser::parseValue(std::string_view key, GgufType type) {
    if (type == GgufType::Array)
        return parseArray(key);
    Value value;
    value.type = type;
    if (type == GgufType::String) {
        const std::string_view text = m_reader.string("a metadata string");
        value.bytes = std::as_bytes(std::span(text.data(), text.size()));
        return value;
    }
    value.bytes = m_reader.take(ggufTypeSize(type), "a metadata value");
    if (type == GgufType::Bool && uint8_t(value.bytes[0]) > 1)
        failFile(m_file.path(), "the metadata key {} has the truth value {}, not 0 or 1", quotedText(key),
                 uint8_t(value.bytes[0]));
    return value;
}

GgufFile::Value GgufFile::Parser::parseArray(std::string_view key) {
    Value value;
    value.type = GgufType::Array;
    value.elementType = parseType(key);
    if (value.elementType == GgufType::Array)
        failFile(m_file.path(), "the metadata key {} is an array of arrays, which is not read", quotedText(key));
    value.count = m_reader.number<uint64_t>("the length of a metadata array");
    // A string takes 8 bytes at least, for its length.
    const std::size_t smallest = std::max<std::size_t>(ggufTypeSize(value.elementType), 1);
    const std::size_t least = value.elementType == GgufType::String ? 8 : smallest;
    if (value.count > m_reader.remaining() / least)
        failFile(m_file.path(), "the metadata key {} is an array of {} elements, more than the file has room for",
                 quotedText(key), value.count);
    if (value.count > kMostArrayElements)
        failFile(m_file.path(), "the metadata key {} is an array of {} elements, at most {} are possible",
                 quotedText(key), value.count, kMostArrayElements);
    const std::size_t begin = m_reader.offset();
    if (value.elementType == GgufType::String)
        for (uint64_t i = 0; i < value.count; ++i)
            m_reader.string("a string of a metadata array");
    else
        m_reader.take(value.count * smallest, "a metadata array");
    value.bytes = m_bytes.subspan(begin, m_reader.offset() - begin);
    return value;
}

uint64_t GgufFile::Parser::alignment() const {
    const Value* value = m_file.findValue(kAlignmentKey);
    if (!value)
        return kDefaultAlignment;
    if (value->type != GgufType::U32)
        m_file.failType(kAlignmentKey, *value, "a 32-bit unsigned integer");
    uint32_t alignment = 0;
    std::memcpy(&alignment, value->bytes.data(), sizeof alignment);
    if (!std::has_single_bit(alignment) || alignment < 8 || alignment > kLargestAlignment)
        failFile(m_file.path(), "{} is {}, not a power of two from 8 to {}", kAlignmentKey, alignment,
                 kLargestAlignment);
    return alignment;
}

StoredType GgufFile::Parser::parseTensorType(std::string_view name) {
    const uint32_t number = m_reader.number<uint32_t>("a tensor's type");
    for (const TensorType& known : kReadTypes)
        if (known.number == number)
            return known.type;
    for (const UnreadType& unread : kUnreadTypes)
        if (unread.number == number)
            fail(ErrorCode::NotBuilt,
                 "{}: the tensor {} is stored as {}, which is not read yet: take a file in Q4_K, "
                 "Q8_0 or BF16",
                 m_file.path().string(), quotedText(name), unread.name);
    failFile(m_file.path(), "the tensor {} has the unknown type {}", quotedText(name), number);
}

GgufFile::Parser::Description GgufFile::Parser::parseTensor() {
    const std::string_view name = m_reader.string("a tensor's name");
    if (name.empty() || name.size() > kLongestTensorName || !isUtf8(name))
        failFile(m_file.path(), "a tensor's name of {} bytes, {}, is empty, longer than {} or not UTF-8", name.size(),
                 quotedText(name), kLongestTensorName);
    const uint32_t dimensions = m_reader.number<uint32_t>("a tensor's number of dimensions");
    if (dimensions < 1 || dimensions > kMostDimensions)
        failFile(m_file.path(), "the tensor {} has {} dimensions, not 1 to {}", quotedText(name), dimensions,
                 kMostDimensions);
    Description tensor;
    tensor.record.name = name;
    int64_t elements = 1;
    for (uint32_t i = 0; i < dimensions; ++i) {
        const int64_t dim = m_reader.number<int64_t>("a tensor's dimensions");
        if (dim < 1 || __builtin_mul_overflow(elements, dim, &elements))
            failFile(m_file.path(), "the tensor {} has a dimension of {}, which is not positive or too large",
                     quotedText(name), dim);
        tensor.record.shape.insert(tensor.record.shape.begin(), dim); // the file has the innermost first
    }
    tensor.record.type = parseTensorType(name);
    const StoredBlock block = storedBlock(tensor.record.type);
    if (tensor.record.shape.back() % block.elements != 0)
        failFile(m_file.path(), "the tensor {} has rows of {} elements, not a multiple of the {} of a {} block",
                 quotedText(name), tensor.record.shape.back(), block.elements, storedTypeName(tensor.record.type));
    int64_t bytes = 0;
    if (__builtin_mul_overflow(elements / block.elements, block.bytes, &bytes))
        failFile(m_file.path(), "the tensor {} is larger than any file: {}", quotedText(name), tensor.record.text());
    tensor.bytes = uint64_t(bytes);
    tensor.offset = m_reader.number<uint64_t>("a tensor's offset");
    return tensor;
}

void GgufFile::Parser::checkOffset(const Description& tensor, uint64_t alignment) const {
    if (tensor.offset % alignment != 0)
        failFile(m_file.path(), "the tensor {} begins at byte {} of the data, not a multiple of the alignment {}",
                 quotedText(tensor.record.name), tensor.offset, alignment);
}

void GgufFile::Parser::placeTensors(std::vector<Description> tensors) {
    const uint64_t align = alignment();
    if (tensors.empty())
        return;
    const uint64_t dataBegin = (m_reader.offset() + align - 1) / align * align;
    const uint64_t dataBytes = m_bytes.size() > dataBegin ? m_bytes.size() - dataBegin : 0;
    std::vector<std::size_t> byOffset;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        Description& tensor = tensors[i];
        checkOffset(tensor, align);
        // Each tensor's data is padded to the alignment, the last one's too: a file cut there is incomplete as well.
        const uint64_t padded = (tensor.bytes + align - 1) / align * align;
        if (tensor.offset > dataBytes || padded > dataBytes - tensor.offset)
            failFile(m_file.path(),
                     "the tensor {} ({}) needs {} bytes at byte {} of the data, but the data ends at {}: the file is "
                     "cut off",
                     quotedText(tensor.record.name), tensor.record.text(), padded, tensor.offset, dataBytes);
        tensor.record.bytes = m_bytes.subspan(std::size_t(dataBegin + tensor.offset), std::size_t(tensor.bytes));
        byOffset.push_back(i);
    }
    std::ranges::sort(byOffset, {}, [&](std::size_t i) { return tensors[i].offset; });
    for (std::size_t i = 1; i < byOffset.size(); ++i) {
        const Description& before = tensors[byOffset[i - 1]];
        const Description& after = tensors[byOffset[i]];
        if (before.offset + before.bytes > after.offset)
            failFile(m_file.path(), "the tensors {} and {} overlap", quotedText(before.record.name),
                     quotedText(after.record.name));
    }
    for (Description& tensor : tensors) {
        const std::string name = tensor.record.name;
        if (!m_file.addTensor(std::move(tensor.record)))
            failFile(m_file.path(), "the tensor {} is there twice", quotedText(name));
    }
}

} // namespace lorikeet
