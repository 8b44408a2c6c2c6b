// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "core/formats/tensor_file.h"

namespace lorikeet {

/// The types of metadata values; the numbers are GGUF's.
enum class GgufType : uint32_t {
    U8 = 0,
    I8 = 1,
    U16 = 2,
    I16 = 3,
    U32 = 4,
    I32 = 5,
    F32 = 6,
    Bool = 7,
    String = 8,
    Array = 9,
    U64 = 10,
    I64 = 11,
    F64 = 12,
};

/// A GGUF file, version 2 or 3, little endian: tensors and metadata. Checked whole on opening.
/// Tensors are as stored: Llama's query and key rows keep the order that llama.cpp gives them.
///
/// A getter gives nothing where the key is absent, and throws BadFile, naming file and key, where the value is of
/// another type. Views point into the mapped file: valid while this object lives.
class GgufFile : public TensorFile {
public:
    /// Throws BadFile (naming the file and its fault), NotBuilt for a tensor type that exists but is not read, or Io.
    explicit GgufFile(const std::filesystem::path& path);

    uint32_t version() const { return m_version; }
    /// All keys in the file's order.
    const std::vector<std::string_view>& keys() const { return m_keys; }
    bool has(std::string_view key) const { return m_values.contains(key); }

    std::optional<std::string_view> string(std::string_view key) const;
    /// Any integer type; a value beyond int64 is a BadFile.
    std::optional<int64_t> integer(std::string_view key) const;
    /// Any integer or floating-point type.
    std::optional<double> number(std::string_view key) const;
    std::optional<bool> boolean(std::string_view key) const;
    std::optional<std::vector<std::string_view>> strings(std::string_view key) const;
    std::optional<std::vector<int64_t>> integers(std::string_view key) const;
    std::optional<std::vector<double>> numbers(std::string_view key) const;
    /// Length of an array of any type.
    std::optional<uint64_t> arrayLength(std::string_view key) const;
    /// A short text of any value, for people: arrays as their length, long strings cut.
    std::string valueText(std::string_view key) const;

private:
    struct Value {
        GgufType type = GgufType::U8;
        GgufType elementType = GgufType::U8; ///< of arrays
        uint64_t count = 0;                  ///< of arrays
        std::span<const std::byte> bytes;    ///< the scalar, the string's text, or the array's elements
    };
    class Parser;

    const Value* findValue(std::string_view key) const;
    const Value* findArray(std::string_view key) const;
    [[noreturn]] void failType(std::string_view key, const Value& value, std::string_view wanted) const;

    uint32_t m_version = 0;
    std::vector<std::string_view> m_keys;
    std::unordered_map<std::string_view, Value> m_values;
};

} // namespace lorikeet
