// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/tensor_file.h"

#include <array>
#include <fstream>

#include "core/base/files.h"
#include "core/formats/gguf_file.h"
#include "core/formats/messages.h"
#include "core/formats/safetensors.h"

namespace lorikeet {

namespace {

struct StoredTypeFacts {
    std::string_view name;
    StoredBlock block;
};

/// Indexed by StoredType.
constexpr std::array<StoredTypeFacts, 23> kFacts{{
    {"F32", {1, 4}},      {"F16", {1, 2}},      {"BF16", {1, 2}},     {"F64", {1, 8}},     {"I8", {1, 1}},
    {"U8", {1, 1}},       {"I16", {1, 2}},      {"U16", {1, 2}},      {"I32", {1, 4}},     {"U32", {1, 4}},
    {"I64", {1, 8}},      {"U64", {1, 8}},      {"BOOL", {1, 1}},     {"Q4_0", {32, 18}},  {"Q4_1", {32, 20}},
    {"Q5_0", {32, 22}},   {"Q5_1", {32, 24}},   {"Q8_0", {32, 34}},   {"Q2_K", {256, 84}}, {"Q3_K", {256, 110}},
    {"Q4_K", {256, 144}}, {"Q5_K", {256, 176}}, {"Q6_K", {256, 210}},
}};

} // namespace

std::string_view storedTypeName(StoredType type) {
    return kFacts[std::size_t(type)].name;
}

StoredBlock storedBlock(StoredType type) {
    return kFacts[std::size_t(type)].block;
}

int64_t TensorRecord::elements() const {
    int64_t product = 1;
    for (int64_t dim : shape)
        product *= dim;
    return product;
}

std::string TensorRecord::text() const {
    std::string dims;
    for (int64_t dim : shape)
        dims += (dims.empty() ? "" : ", ") + std::to_string(dim);
    return fmt::format("{} [{}]", storedTypeName(type), dims);
}

TensorFile::TensorFile(std::filesystem::path path) : m_path(std::move(path)) {}

TensorFile::~TensorFile() = default;

const MappedFile& TensorFile::addFile(const std::filesystem::path& path) {
    return *m_files.emplace_back(std::make_unique<MappedFile>(path));
}

bool TensorFile::addTensor(TensorRecord record) {
    if (!m_indexByName.emplace(record.name, m_tensors.size()).second)
        return false;
    m_tensors.push_back(std::move(record));
    return true;
}

const TensorRecord* TensorFile::find(std::string_view name) const {
    const auto found = m_indexByName.find(std::string(name));
    return found == m_indexByName.end() ? nullptr : &m_tensors[found->second];
}

const TensorRecord& TensorFile::at(std::string_view name) const {
    const TensorRecord* record = find(name);
    if (!record)
        failFile(m_path, "the tensor {} is missing", quotedText(name));
    return *record;
}

void TensorFile::release(std::span<const std::byte> bytes) const {
    for (const auto& file : m_files) {
        const std::span<const std::byte> whole = file->bytes();
        if (bytes.data() >= whole.data() && bytes.data() < whole.data() + whole.size())
            file->release(std::size_t(bytes.data() - whole.data()), bytes.size());
    }
}

bool isGgufFile(const std::filesystem::path& path) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(path, ignored))
        return false;
    std::array<char, 4> magic{};
    return std::ifstream(path, std::ios::binary).read(magic.data(), magic.size()) &&
           std::string_view(magic.data(), magic.size()) == "GGUF";
}

std::unique_ptr<TensorFile> openTensorFile(const std::filesystem::path& path) {
    // By content, and by name too, so that a damaged .gguf file is reported as one.
    if (isGgufFile(path) || path.extension() == ".gguf")
        return std::make_unique<GgufFile>(path);
    return openSafetensors(path);
}

} // namespace lorikeet
