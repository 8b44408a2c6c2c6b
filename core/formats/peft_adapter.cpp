// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/peft_adapter.h"

#include "core/base/files.h"
#include "core/formats/messages.h"
#include "core/formats/safetensors.h"

namespace lorikeet {

namespace {

/// What PEFT puts in front of a path of the base model.
constexpr std::string_view kPrefix = "base_model.model.";
constexpr std::string_view kSuffixA = ".lora_A.weight";
constexpr std::string_view kSuffixB = ".lora_B.weight";
constexpr std::string_view kSuffixMagnitude = ".lora_magnitude_vector";

bool isFloat(StoredType type) {
    return type == StoredType::F32 || type == StoredType::F16 || type == StoredType::BF16;
}

/// Throws for a tensor that has no place in an adapter of this configuration.
[[noreturn]] void failForeignTensor(const std::filesystem::path& path, std::string_view name) {
    for (std::string_view known : {"lora_embedding_", ".bias"})
        if (name.find(known) != std::string_view::npos)
            fail(ErrorCode::NotBuilt,
                 "{}: the tensor {} belongs to what is not built yet (adapters of embeddings, trained biases)",
                 path.string(), quotedText(name));
    if (name.starts_with(kPrefix))
        failFile(path, "the tensor {} is no matrix of LoRA, and the configuration names no modules_to_save",
                 quotedText(name));
    failFile(path, "the tensor {} is not named as PEFT names tensors: {}<path>{}", quotedText(name), kPrefix, kSuffixA);
}

void requireShape(const std::filesystem::path& path, const TensorRecord& record, std::size_t rank,
                  std::string_view wanted) {
    if (record.shape.size() != rank || record.elements() == 0 || !isFloat(record.type))
        failFile(path, "the tensor {} is {}, not a {} of F32, F16 or BF16", quotedText(record.name), record.text(),
                 wanted);
}

void checkPair(const std::filesystem::path& path, const PeftPair& pair, bool useDora) {
    if (!pair.a || !pair.b)
        failFile(path, "{} has {} but no {}", quotedText(pair.path), pair.a || !pair.b ? "lora_A" : "lora_B",
                 pair.a ? "lora_B" : "lora_A");
    requireShape(path, *pair.a, 2, "matrix");
    requireShape(path, *pair.b, 2, "matrix");
    if (pair.a->shape[0] != pair.b->shape[1])
        failFile(path, "{}: lora_A is {} and lora_B is {}: their ranks differ", quotedText(pair.path), pair.a->text(),
                 pair.b->text());
    if (useDora != (pair.magnitude != nullptr))
        failFile(path, "{} has {} lora_magnitude_vector, but use_dora is {}", quotedText(pair.path),
                 pair.magnitude ? "a" : "no", useDora);
    if (pair.magnitude)
        requireShape(path, *pair.magnitude, 1, "vector");
}

/// What a name says of the tensor: the path of its pair and which part of it, or nothing.
struct PairPart {
    std::string path;
    const TensorRecord* PeftPair::*part = nullptr;
};

PairPart partOf(std::string_view name) {
    static constexpr std::pair<std::string_view, const TensorRecord * PeftPair::*> kParts[] = {
        {kSuffixA, &PeftPair::a}, {kSuffixB, &PeftPair::b}, {kSuffixMagnitude, &PeftPair::magnitude}};
    for (const auto& [suffix, part] : kParts)
        if (name.ends_with(suffix) && name.size() > kPrefix.size() + suffix.size())
            return {std::string(name.substr(kPrefix.size(), name.size() - kPrefix.size() - suffix.size())), part};
    return {};
}

void sortTensors(PeftAdapter& adapter) {
    const std::filesystem::path& path = adapter.file->path();
    std::map<std::string, PeftPair> byPath;
    for (const TensorRecord& record : adapter.file->tensors()) {
        const bool isNamedByPeft = record.name.starts_with(kPrefix);
        const PairPart found = isNamedByPeft ? partOf(record.name) : PairPart();
        if (found.part) {
            PeftPair& pair = byPath.try_emplace(found.path, PeftPair{found.path, nullptr, nullptr}).first->second;
            pair.*found.part = &record;
        } else if (isNamedByPeft && !adapter.config.modulesToSave.empty() &&
                   record.name.find("lora_") == std::string::npos) {
            requireShape(path, record, record.shape.size() == 1 ? 1 : 2, "vector or matrix");
            adapter.saved.push_back(&record);
        } else {
            failForeignTensor(path, record.name);
        }
    }
    for (auto& [name, pair] : byPath) {
        checkPair(path, pair, adapter.config.useDora);
        adapter.pairs.push_back(std::move(pair));
    }
    if (adapter.pairs.empty())
        failFile(path, "the adapter has no tensors");
}

} // namespace

PeftAdapter openPeftAdapter(const std::filesystem::path& folder) {
    PeftAdapter adapter;
    adapter.config = readPeftConfig(folder);
    std::error_code ignored;
    if (!std::filesystem::exists(folder / kPeftTensorFile, ignored) &&
        std::filesystem::exists(folder / "adapter_model.bin", ignored))
        failFile(folder / "adapter_model.bin",
                 "this is a PyTorch pickle, which can run any program when it is loaded and is not read: save the "
                 "adapter again with PEFT, which writes {}",
                 kPeftTensorFile);
    adapter.file = openSafetensors(folder / kPeftTensorFile);
    sortTensors(adapter);
    return adapter;
}

std::unordered_map<std::string, const TensorRecord*> PeftAdapter::byName() const {
    std::unordered_map<std::string, const TensorRecord*> records;
    for (const TensorRecord& record : file->tensors())
        records[record.name.substr(kPrefix.size())] = &record;
    return records;
}

void writePeftAdapter(const std::filesystem::path& folder, const PeftConfig& config, std::vector<TensorRecord> tensors,
                      FunctionRef<std::span<const std::byte>(std::size_t)> bytesOf) {
    for (TensorRecord& tensor : tensors) {
        tensor.name.insert(0, kPrefix);
        if (!partOf(tensor.name).part && config.modulesToSave.empty())
            fail(ErrorCode::InvalidArgument, "writing {}: the tensor {} is no part of LoRA", folder.string(),
                 quotedText(tensor.name));
    }
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error)
        fail(ErrorCode::Io, "cannot make the folder {}: {}", folder.string(), error.message());
    writeSafetensors(folder / kPeftTensorFile, tensors, bytesOf);
    writeFileAtomically(folder / kPeftConfigFile, peftConfigText(config));
}

} // namespace lorikeet
