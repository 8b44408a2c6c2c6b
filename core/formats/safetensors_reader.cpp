// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "core/base/files.h"
#include "core/formats/json_file.h"
#include "core/formats/messages.h"
#include "core/formats/safetensors_header.h"

namespace lorikeet {

namespace {

constexpr std::string_view kSingleFile = "model.safetensors";
constexpr std::string_view kIndexFile = "model.safetensors.index.json";

/// False, too, for a link that leads nowhere or in a circle.
bool isThere(const std::filesystem::path& path) {
    std::error_code ignored;
    return std::filesystem::exists(path, ignored);
}

std::vector<std::filesystem::path> filesIn(const std::filesystem::path& folder) {
    std::error_code error;
    std::vector<std::filesystem::path> files;
    for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
        files.push_back(entry->path());
    if (error)
        fail(ErrorCode::Io, "cannot list {}: {}", folder.string(), error.message());
    std::ranges::sort(files);
    return files;
}

/// Which shard the index says that each tensor is in; keys are tensor names.
using WeightMap = std::map<std::string, std::string>;

WeightMap readWeightMap(const std::filesystem::path& index) {
    const nlohmann::json json = readJsonFile(index);
    const auto weights = json.is_object() ? json.find("weight_map") : json.end();
    if (weights == json.end() || !weights->is_object() || weights->empty())
        failFile(index, "the index of shards has no weight_map, or an empty one");
    WeightMap map;
    for (const auto& [name, shard] : weights->items()) {
        if (!shard.is_string())
            failFile(index, "weight_map gives no file name for the tensor {}", quotedText(name));
        const std::string& file = shard.get_ref<const std::string&>();
        const bool isPlainName =
            file.find_first_of(std::string_view("/\\\0", 3)) == std::string::npos && file.ends_with(".safetensors");
        if (!isPlainName)
            failFile(index,
                     "weight_map puts the tensor {} into {}, which is not the name of a .safetensors file beside "
                     "the index",
                     quotedText(name), quotedText(file));
        map.emplace(name, file);
    }
    return map;
}

class SafetensorsFile : public TensorFile {
public:
    explicit SafetensorsFile(const std::filesystem::path& path) : TensorFile(path) {}

    void addSingleFile(const std::filesystem::path& path) {
        SafetensorsHeader header = parseSafetensorsHeader(path, addFile(path).bytes());
        for (TensorRecord& tensor : header.tensors) {
            const std::string name = tensor.name;
            if (!addTensor(std::move(tensor)))
                failFile(path, "the tensor {} is there twice", quotedText(name));
        }
    }

    void addShards(const std::filesystem::path& index) {
        const WeightMap weights = readWeightMap(index);
        std::set<std::string> shards;
        for (const auto& [name, shard] : weights)
            shards.insert(shard);
        for (const std::string& shard : shards) {
            const std::filesystem::path path = index.parent_path() / shard;
            if (!isThere(path))
                failFile(index, "the shard {} is missing", quotedText(shard));
            addShard(path, shard, weights);
        }
        for (const auto& [name, shard] : weights)
            if (!find(name))
                failFile(index, "the tensor {} is not in the shard {}", quotedText(name), quotedText(shard));
    }

private:
    void addShard(const std::filesystem::path& path, const std::string& shard, const WeightMap& weights) {
        SafetensorsHeader header = parseSafetensorsHeader(path, addFile(path).bytes());
        for (TensorRecord& tensor : header.tensors) {
            const std::string name = tensor.name;
            const auto listed = weights.find(name);
            if (listed != weights.end() && listed->second != shard)
                failFile(path, "it holds the tensor {}, which the index puts into {}", quotedText(name),
                         quotedText(listed->second));
            if (!addTensor(std::move(tensor)))
                failFile(path, "the tensor {} is there twice", quotedText(name));
        }
    }
};

/// Throws BadFile that says what the folder holds instead of safetensors.
[[noreturn]] void failWithoutSafetensors(const std::filesystem::path& folder) {
    for (const std::filesystem::path& file : filesIn(folder)) {
        const std::string extension = file.extension().string();
        const std::string name = file.filename().string();
        if (extension == ".gguf")
            failFile(folder, "no .safetensors file here; open {} itself", quotedText(name));
        if (extension == ".bin" || extension == ".pt" || extension == ".pth")
            failFile(folder,
                     "no .safetensors file here, and {} is a PyTorch pickle, which can run any program when it is "
                     "loaded and is not read: take the model's .safetensors files, or convert it with "
                     "save_pretrained(..., safe_serialization=True)",
                     quotedText(name));
    }
    failFile(folder, "no {} or {} here", kSingleFile, kIndexFile);
}

/// The file or index that stands for a folder.
std::filesystem::path mainFileOf(const std::filesystem::path& folder) {
    for (std::string_view name : {kSingleFile, kIndexFile})
        if (isThere(folder / name))
            return folder / name;
    std::filesystem::path only;
    for (const std::filesystem::path& file : filesIn(folder)) {
        if (file.extension() != ".safetensors")
            continue;
        if (!only.empty())
            failFile(folder, "several .safetensors files, but no {}", kIndexFile);
        only = file;
    }
    if (only.empty())
        failWithoutSafetensors(folder);
    return only;
}

} // namespace

std::unique_ptr<TensorFile> openSafetensors(const std::filesystem::path& path) {
    std::error_code ignored;
    const std::filesystem::path file = std::filesystem::is_directory(path, ignored) ? mainFileOf(path) : path;
    auto opened = std::make_unique<SafetensorsFile>(path);
    if (file.string().ends_with(".index.json"))
        opened->addShards(file);
    else
        opened->addSingleFile(file);
    return opened;
}

SafetensorsMetadata readSafetensorsMetadata(const std::filesystem::path& path) {
    const MappedFile file(path);
    return parseSafetensorsHeader(path, file.bytes()).metadata;
}

} // namespace lorikeet
