// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/train/adapter_folder.h"
#include "core/train/training_state.h"

namespace lorikeet {

class ExecutionContext;
class LoraAdapter;
class Optimizer;
struct ModelConfig;

// A checkpoint is a folder: an adapter as PEFT writes it, in a full finetuning a model as transformers does (so that it
// can be used as one), optimizer.safetensors,
// state.json, history.jsonl, and manifest.json, which names the other files with their sizes and SHA-256. A folder
// without a valid manifest is no checkpoint.

/// What a checkpoint is made of. The references hold for the call.
struct CheckpointParts {
    ExecutionContext& context;
    const LoraAdapter& adapter;
    Optimizer& optimizer;
    const TrainedOver& trainedOver;
    const ModelTexts& modelTexts; ///< see writeAdapterFiles
    const RunIdentity& identity;
    const TrainingState& state;
    std::string_view history; ///< lines of historyLine()
};

/// Writes a checkpoint and reads it back. Its files come into "FOLDER.tmp", each of them synced, the manifest last;
/// then it takes the place of `folder`. However this ends, that is what it was before, or the whole new checkpoint.
/// Throws Io, BadFile where it reads back wrongly.
void writeCheckpoint(const std::filesystem::path& folder, const CheckpointParts& parts);

/// A checkpoint whose files are all there, as they were written.
struct Checkpoint {
    std::filesystem::path folder;
    RunIdentity identity;
    TrainingState state;
    std::string history; ///< lines of historyLine()
};

/// Opens a checkpoint and reads all of it. Throws BadFile (naming the file that is damaged), NotBuilt (a newer Lorikeet
/// wrote it), Io.
Checkpoint openCheckpoint(const std::filesystem::path& folder);

/// Puts the values of a checkpoint into an adapter and an optimizer that were made as its run made them. Throws BadFile
/// where they do not fit.
void restoreCheckpoint(ExecutionContext& context, const Checkpoint& checkpoint, const ModelConfig& model,
                       LoraAdapter& adapter, Optimizer& optimizer);

} // namespace lorikeet
