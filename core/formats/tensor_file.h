// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lorikeet {

class MappedFile;

/// How a file stores the elements of a tensor. Q... are the block formats of GGUF.
enum class StoredType : uint8_t {
    F32,
    F16,
    BF16,
    F64,
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    Bool,
    Q4_0,
    Q4_1,
    Q5_0,
    Q5_1,
    Q8_0,
    Q2_K,
    Q3_K,
    Q4_K,
    Q5_K,
    Q6_K,
};

/// "F32", "BF16", "Q4_K", ...
std::string_view storedTypeName(StoredType type);

/// The smallest run of elements that is stored together: one for plain types, 32 or 256 for the block formats.
struct StoredBlock {
    int64_t elements;
    int64_t bytes;
};
StoredBlock storedBlock(StoredType type);

/// One tensor of a file, by reference into the mapped file: valid while its TensorFile lives.
struct TensorRecord {
    std::string name;
    StoredType type = StoredType::F32;
    std::vector<int64_t> shape; ///< outermost first, row-major; every dimension >= 0
    std::span<const std::byte> bytes;

    int64_t elements() const;
    /// "F32 [512, 576]"
    std::string text() const;
};

/// The tensors of a file, or of the shards that belong together: opened, checked, mapped, nothing read yet.
/// Immutable, so any number of threads may read and release.
class TensorFile {
public:
    virtual ~TensorFile();
    TensorFile(const TensorFile&) = delete;
    TensorFile& operator=(const TensorFile&) = delete;

    /// What was opened: a file, or the folder or index of shards.
    const std::filesystem::path& path() const { return m_path; }
    const std::vector<TensorRecord>& tensors() const { return m_tensors; }
    /// The record of that name; nullptr where there is none.
    const TensorRecord* find(std::string_view name) const;
    /// The record of that name; throws BadFile, naming the file, where there is none.
    const TensorRecord& at(std::string_view name) const;

    /// Gives the memory behind a tensor back to the system after it has been read, so that a model that is converted
    /// on loading does not stay in memory twice. Its bytes can still be read: they then come from the disk again.
    void release(const TensorRecord& record) const { release(record.bytes); }
    void release(std::span<const std::byte> bytes) const;

protected:
    explicit TensorFile(std::filesystem::path path);
    const MappedFile& addFile(const std::filesystem::path& path);
    /// False where a tensor of that name is there already.
    bool addTensor(TensorRecord record);

private:
    std::filesystem::path m_path;
    std::vector<std::unique_ptr<MappedFile>> m_files;
    std::vector<TensorRecord> m_tensors;
    std::unordered_map<std::string, std::size_t> m_indexByName;
};

/// Opens a GGUF file, a safetensors file, an index of shards, or a folder that holds safetensors, by what it is.
/// Throws BadFile (naming the file and its fault) or Io.
std::unique_ptr<TensorFile> openTensorFile(const std::filesystem::path& path);

/// True for a regular file that begins with GGUF's magic.
bool isGgufFile(const std::filesystem::path& path);

/// Converts elements [firstElement, firstElement + out.size()) to float32: exactly for every type but F64, I32, U32,
/// I64, U64 (rounded to nearest even); the block formats by the formulas of GGUF in float32.
/// Throws InvalidArgument beyond the tensor.
void decode(const TensorRecord& record, int64_t firstElement, std::span<float> out);

} // namespace lorikeet
