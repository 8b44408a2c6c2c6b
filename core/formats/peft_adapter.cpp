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

bool isFloat(StoredType type) {
    return type == StoredType::F32 || type == StoredType::F16 || type == StoredType::BF16;
}

/// Throws for a tensor that is no matrix of a pair.
[[noreturn]] void failForeignTensor(const std::filesystem::path& path, std::string_view name) {
    for (std::string_view known : {"lora_magnitude_vector", "lora_embedding_", ".bias"})
        if (name.find(known) != std::string_view::npos)
            fail(ErrorCode::NotBuilt,
                 "{}: the tensor {} belongs to what is not built yet (DoRA, adapters of embeddings, "
                 "trained biases)",
                 path.string(), quotedText(name));
    if (name.starts_with(kPrefix))
        fail(ErrorCode::NotBuilt,
             "{}: the tensor {} is no matrix of LoRA: modules that are saved whole are not built "
             "yet",
             path.string(), quotedText(name));
    failFile(path, "the tensor {} is not named as PEFT names tensors: {}<path>{}", quotedText(name), kPrefix, kSuffixA);
}

void checkPair(const std::filesystem::path& path, const PeftPair& pair) {
    if (!pair.a || !pair.b)
        failFile(path, "{} has {} but no {}", quotedText(pair.path), pair.a ? "lora_A" : "lora_B",
                 pair.a ? "lora_B" : "lora_A");
    for (const TensorRecord* record : {pair.a, pair.b})
        if (record->shape.size() != 2 || record->elements() == 0 || !isFloat(record->type))
            failFile(path, "the tensor {} is {}, not a matrix of F32, F16 or BF16", quotedText(record->name),
                     record->text());
    if (pair.a->shape[0] != pair.b->shape[1])
        failFile(path, "{}: lora_A is {} and lora_B is {}: their ranks differ", quotedText(pair.path), pair.a->text(),
                 pair.b->text());
}

std::vector<PeftPair> pairsOf(const TensorFile& file) {
    std::map<std::string, PeftPair> byPath;
    for (const TensorRecord& record : file.tensors()) {
        const std::string_view name = record.name;
        const bool isA = name.ends_with(kSuffixA);
        if (!name.starts_with(kPrefix) || !(isA || name.ends_with(kSuffixB)) ||
            name.size() <= kPrefix.size() + kSuffixA.size())
            failForeignTensor(file.path(), name);
        const std::string path(name.substr(kPrefix.size(), name.size() - kPrefix.size() - kSuffixA.size()));
        PeftPair& pair = byPath.try_emplace(path, PeftPair{path, nullptr, nullptr}).first->second;
        (isA ? pair.a : pair.b) = &record;
    }
    std::vector<PeftPair> pairs;
    for (auto& [path, pair] : byPath) {
        checkPair(file.path(), pair);
        pairs.push_back(std::move(pair));
    }
    if (pairs.empty())
        failFile(file.path(), "the adapter has no tensors");
    return pairs;
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
    adapter.pairs = pairsOf(*adapter.file);
    return adapter;
}

void writePeftAdapter(const std::filesystem::path& folder, const PeftConfig& config,
                      std::vector<TensorRecord> tensors) {
    for (TensorRecord& tensor : tensors) {
        if (!tensor.name.ends_with(kSuffixA) && !tensor.name.ends_with(kSuffixB))
            fail(ErrorCode::InvalidArgument, "writing {}: the tensor {} is no matrix of LoRA", folder.string(),
                 quotedText(tensor.name));
        tensor.name.insert(0, kPrefix);
    }
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error)
        fail(ErrorCode::Io, "cannot make the folder {}: {}", folder.string(), error.message());
    writeSafetensors(folder / kPeftTensorFile, tensors);
    writeFileAtomically(folder / kPeftConfigFile, peftConfigText(config));
}

} // namespace lorikeet
