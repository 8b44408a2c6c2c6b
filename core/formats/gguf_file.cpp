// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/gguf_file.h"

#include <limits>
#include <type_traits>

#include "core/base/files.h"
#include "core/formats/gguf_parser.h"

namespace lorikeet {

namespace {

std::string_view typeName(GgufType type) {
    constexpr std::string_view kNames[] = {"uint8", "int8",   "uint16", "int16",  "uint32", "int32",  "float32",
                                           "bool",  "string", "array",  "uint64", "int64",  "float64"};
    return kNames[std::size_t(type)];
}

template <typename Number>
Number load(const std::byte* bytes) {
    Number value;
    std::memcpy(&value, bytes, sizeof value);
    return value;
}

/// Calls `visit` with the number at `bytes` in its own type. False for strings, arrays and truth values.
template <typename Visitor>
bool visitNumber(GgufType type, const std::byte* bytes, Visitor visit) {
    switch (type) {
    case GgufType::U8:
        visit(load<uint8_t>(bytes));
        return true;
    case GgufType::I8:
        visit(load<int8_t>(bytes));
        return true;
    case GgufType::U16:
        visit(load<uint16_t>(bytes));
        return true;
    case GgufType::I16:
        visit(load<int16_t>(bytes));
        return true;
    case GgufType::U32:
        visit(load<uint32_t>(bytes));
        return true;
    case GgufType::I32:
        visit(load<int32_t>(bytes));
        return true;
    case GgufType::U64:
        visit(load<uint64_t>(bytes));
        return true;
    case GgufType::I64:
        visit(load<int64_t>(bytes));
        return true;
    case GgufType::F32:
        visit(load<float>(bytes));
        return true;
    case GgufType::F64:
        visit(load<double>(bytes));
        return true;
    case GgufType::Bool:
    case GgufType::String:
    case GgufType::Array:
        return false;
    }
    return false;
}

/// The integer at `bytes`; nothing where it is none, or beyond int64.
std::optional<int64_t> integerAt(GgufType type, const std::byte* bytes) {
    std::optional<int64_t> result;
    visitNumber(type, bytes, [&](auto value) {
        if constexpr (std::is_same_v<decltype(value), uint64_t>) {
            if (value <= uint64_t(std::numeric_limits<int64_t>::max()))
                result = int64_t(value);
        } else if constexpr (std::is_integral_v<decltype(value)>) {
            result = value;
        }
    });
    return result;
}

} // namespace

GgufFile::GgufFile(const std::filesystem::path& path) : TensorFile(path) {
    Parser(*this, addFile(path).bytes()).parse();
}

const GgufFile::Value* GgufFile::findValue(std::string_view key) const {
    const auto found = m_values.find(key);
    return found == m_values.end() ? nullptr : &found->second;
}

void GgufFile::failType(std::string_view key, const Value& value, std::string_view wanted) const {
    const std::string actual = value.type == GgufType::Array
                                   ? fmt::format("an array of {} {}", value.count, typeName(value.elementType))
                                   : fmt::format("of type {}", typeName(value.type));
    failFile(path(), "the metadata key {} is {}, where {} is wanted", quotedText(key), actual, wanted);
}

const GgufFile::Value* GgufFile::findArray(std::string_view key) const {
    const Value* value = findValue(key);
    if (value && value->type != GgufType::Array)
        failType(key, *value, "an array");
    return value;
}

std::optional<std::string_view> GgufFile::string(std::string_view key) const {
    const Value* value = findValue(key);
    if (!value)
        return std::nullopt;
    if (value->type != GgufType::String)
        failType(key, *value, "a string");
    return std::string_view(reinterpret_cast<const char*>(value->bytes.data()), value->bytes.size());
}

std::optional<int64_t> GgufFile::integer(std::string_view key) const {
    const Value* value = findValue(key);
    if (!value)
        return std::nullopt;
    const std::optional<int64_t> result = integerAt(value->type, value->bytes.data());
    if (!result)
        failType(key, *value, "an integer of at most 63 bits");
    return result;
}

std::optional<double> GgufFile::number(std::string_view key) const {
    const Value* value = findValue(key);
    if (!value)
        return std::nullopt;
    double result = 0;
    if (!visitNumber(value->type, value->bytes.data(), [&](auto stored) { result = double(stored); }))
        failType(key, *value, "a number");
    return result;
}

std::optional<bool> GgufFile::boolean(std::string_view key) const {
    const Value* value = findValue(key);
    if (!value)
        return std::nullopt;
    if (value->type != GgufType::Bool)
        failType(key, *value, "a truth value");
    return value->bytes[0] != std::byte(0);
}

std::optional<std::vector<std::string_view>> GgufFile::strings(std::string_view key) const {
    const Value* value = findArray(key);
    if (!value)
        return std::nullopt;
    if (value->elementType != GgufType::String)
        failType(key, *value, "an array of strings");
    std::vector<std::string_view> result(std::size_t(value->count));
    ByteReader reader(path(), value->bytes);
    for (std::string_view& text : result)
        text = reader.string("a string of a metadata array");
    return result;
}

std::optional<std::vector<int64_t>> GgufFile::integers(std::string_view key) const {
    const Value* value = findArray(key);
    if (!value)
        return std::nullopt;
    std::vector<int64_t> result(value->elementType == GgufType::String ? 0 : std::size_t(value->count));
    const std::size_t size = ggufTypeSize(value->elementType);
    for (std::size_t i = 0; i < value->count; ++i) {
        const auto element = size == 0 ? std::nullopt : integerAt(value->elementType, value->bytes.data() + i * size);
        if (!element)
            failType(key, *value, "an array of integers of at most 63 bits");
        result[i] = *element;
    }
    return result;
}

std::optional<std::vector<double>> GgufFile::numbers(std::string_view key) const {
    const Value* value = findArray(key);
    if (!value)
        return std::nullopt;
    std::vector<double> result(value->elementType == GgufType::String ? 0 : std::size_t(value->count));
    const std::size_t size = ggufTypeSize(value->elementType);
    for (std::size_t i = 0; i < value->count; ++i)
        if (size == 0 || !visitNumber(value->elementType, value->bytes.data() + i * size,
                                      [&](auto stored) { result[i] = double(stored); }))
            failType(key, *value, "an array of numbers");
    return result;
}

std::optional<uint64_t> GgufFile::arrayLength(std::string_view key) const {
    const Value* value = findArray(key);
    return value ? std::optional(value->count) : std::nullopt;
}

std::string GgufFile::valueText(std::string_view key) const {
    const Value* value = findValue(key);
    if (!value)
        return {};
    if (value->type == GgufType::Array)
        return fmt::format("{} x {}", value->count, typeName(value->elementType));
    if (value->type == GgufType::String)
        return quotedText(*string(key));
    if (value->type == GgufType::Bool)
        return *boolean(key) ? "true" : "false";
    std::string text;
    visitNumber(value->type, value->bytes.data(), [&](auto stored) { text = fmt::format("{}", stored); });
    return text;
}

} // namespace lorikeet
