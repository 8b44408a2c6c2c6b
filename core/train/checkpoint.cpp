// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/checkpoint.h"

#include <unordered_map>

#include "core/backend/backend.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/formats/peft_adapter.h"
#include "core/formats/safetensors_stream.h"
#include "core/model/adapter.h"
#include "core/train/checkpoint_manifest.h"
#include "core/train/optimizer.h"

namespace lorikeet {
namespace {

namespace fs = std::filesystem;

constexpr const char* kOptimizerFile = "optimizer.safetensors";
constexpr const char* kStateFile = "state.json";
constexpr const char* kHistoryFile = "history.jsonl";
constexpr std::size_t kLargestState = std::size_t(64) << 20;
constexpr std::size_t kLargestHistory = std::size_t(8) << 30; ///< some thirty million steps

/// What a checkpoint has to have, whatever its manifest says: an adapter, or the model of a full finetuning.
std::vector<std::string_view> requiredFiles(const fs::path& folder) {
    std::vector<std::string_view> names = {kOptimizerFile, kStateFile, kHistoryFile};
    std::error_code ignored;
    const bool isSharded = fs::exists(folder / "model.safetensors.index.json", ignored);
    if (isModelFolder(folder))
        names.insert(names.end(), {"config.json", isSharded ? "model.safetensors.index.json" : "model.safetensors"});
    else
        names.insert(names.end(), {kPeftTensorFile, kPeftConfigFile});
    return names;
}

StoredType storedTypeOf(DType dtype) {
    switch (dtype) {
    case DType::F32:
        return StoredType::F32;
    case DType::BF16:
        return StoredType::BF16;
    case DType::F16:
        return StoredType::F16;
    case DType::I32:
        return StoredType::I32;
    case DType::U8:
        return StoredType::U8;
    case DType::I8:
        return StoredType::I8;
    }
    return StoredType::F32;
}

std::vector<int64_t> dimensionsOf(const Shape& shape) {
    std::vector<int64_t> dimensions;
    for (int i = 0; i < shape.rank(); ++i)
        dimensions.push_back(shape[i]);
    return dimensions;
}

std::vector<TensorRecord> recordsOf(const Optimizer& optimizer) {
    std::vector<TensorRecord> records;
    for (const StateTensor& tensor : optimizer.stateTensors())
        records.push_back({tensor.name, storedTypeOf(tensor.dtype), dimensionsOf(tensor.shape), {}});
    return records;
}

void writeOptimizer(const fs::path& path, ExecutionContext& context, Optimizer& optimizer) {
    SafetensorsStream file(path, recordsOf(optimizer));
    std::vector<std::byte> host;
    optimizer.forEachState(
        context,
        [&](const std::string&, const Tensor& state) {
            host.resize(state.bytes());
            context.backend().download(context, state, host.data());
            file.write(host);
        },
        StateUse::Read);
    file.commit();
}

void restoreOptimizer(const fs::path& path, ExecutionContext& context, Optimizer& optimizer) {
    const std::unique_ptr<TensorFile> file = openSafetensors(path);
    const std::vector<TensorRecord> wanted = recordsOf(optimizer);
    for (const TensorRecord& tensor : wanted)
        if (const TensorRecord& record = file->at(tensor.name);
            record.type != tensor.type || record.shape != tensor.shape)
            fail(ErrorCode::BadFile, "{}: {} is {}, but the optimizer has {}", path.string(), tensor.name,
                 record.text(), tensor.text());
    if (wanted.size() != file->tensors().size())
        fail(ErrorCode::BadFile, "{}: it has {} tensors, the optimizer {}", path.string(), file->tensors().size(),
             wanted.size());
    optimizer.forEachState(context, [&](const std::string& name, const Tensor& state) {
        const TensorRecord& record = file->at(name);
        context.backend().upload(context, record.bytes.data(), state);
        file->release(record);
    });
}

void restoreAdapter(const fs::path& folder, ExecutionContext& context, const ModelConfig& model, LoraAdapter& adapter) {
    if (adapter.isWhole()) {
        adapter.restoreWhole(context, folder);
        return;
    }
    const LoraAdapter stored = LoraAdapter::load(context, model, folder, false);
    std::unordered_map<std::string, const Parameter*> byName;
    for (const Parameter& parameter : stored.parameters())
        byName[parameter.name] = &parameter;
    for (const Parameter& parameter : adapter.parameters()) {
        const auto found = byName.find(parameter.name);
        if (found == byName.end() || found->second->value.shape() != parameter.value.shape())
            fail(ErrorCode::BadFile, "{}: it is no adapter of this run: {} {} is missing", folder.string(),
                 parameter.name, parameter.value.shape().text());
        context.backend().copy(context, found->second->value, parameter.value);
    }
    adapter.expectChanges();
    context.backend().synchronize(context); // before what is copied goes
}

void clear(const fs::path& folder) {
    std::error_code error;
    fs::remove_all(folder, error);
    if (error)
        fail(ErrorCode::Io, "cannot clear {}: {}", folder.string(), error.message());
}

void writeFiles(const fs::path& folder, const CheckpointParts& parts) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error)
        fail(ErrorCode::Io, "cannot create {}: {}", folder.string(), error.message());
    writeAdapterFiles(parts.context, parts.adapter, folder, parts.trainedOver, parts.modelTexts);
    writeOptimizer(folder / kOptimizerFile, parts.context, parts.optimizer);
    writeFileAtomically(folder / kHistoryFile, parts.history);
    writeFileAtomically(folder / kStateFile, stateText(parts.state, parts.identity));
    writeManifest(folder, parts.state.step);
}

} // namespace

void writeCheckpoint(const fs::path& folder, const CheckpointParts& parts) {
    fs::path fresh = folder;
    fresh += ".tmp";
    clear(fresh);
    try {
        writeFiles(fresh, parts);
        requireManifest(fresh, requiredFiles(fresh));
        replaceFolder(fresh, folder);
    } catch (const Error&) {
        // What cannot be finished must not take the room that the next one needs.
        std::error_code ignored;
        fs::remove_all(fresh, ignored);
        throw;
    }
}

Checkpoint openCheckpoint(const fs::path& folder) {
    const int64_t step = requireManifest(folder, requiredFiles(folder));
    Checkpoint checkpoint{.folder = folder, .identity = {}, .state = {}, .history = {}};
    const fs::path state = folder / kStateFile;
    parseState(state, readTextFile(state, kLargestState), checkpoint.state, checkpoint.identity);
    if (checkpoint.state.step != step)
        fail(ErrorCode::BadFile, "{}: it is of step {}, but the manifest of step {}", state.string(),
             checkpoint.state.step, step);
    checkpoint.history = readTextFile(folder / kHistoryFile, kLargestHistory);
    return checkpoint;
}

void restoreCheckpoint(ExecutionContext& context, const Checkpoint& checkpoint, const ModelConfig& model,
                       LoraAdapter& adapter, Optimizer& optimizer) {
    restoreAdapter(checkpoint.folder, context, model, adapter);
    restoreOptimizer(checkpoint.folder / kOptimizerFile, context, optimizer);
}

} // namespace lorikeet
