// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>

#include "core/formats/tensor_file.h"
#include "core/jobs/workshop.h"
#include "core/model/adapter.h"
#include "core/model/blocksizes.h"
#include "core/model/model_config.h"
#include "core/train/run_config.h"

namespace lorikeet {

struct ModelFiles;

/// The run's file with paths that hold from any folder, and with what the adapter to go on from decides. Throws as the
/// reader of that adapter, and BadConfig where the file contradicts it.
RunConfig completedRun(RunConfig config, const ModelConfig& model);

/// The run's file with paths that hold from any folder.
RunConfig withAbsolutePaths(RunConfig config);

/// What the adapter that a run goes on from was made as. Throws BadFile, NotBuilt.
LoraSpec readInitialAdapter(const std::filesystem::path& folder, const ModelConfig& model);

/// How the linear layers of a checkpoint that is quantized already (bitsandbytes) are stored.
struct StoredQuantization {
    std::optional<QuantizationSpec> spec; ///< none where they are not quantized
    Blocksizes blocksizes;                ///< of the layers, where they differ
};

StoredQuantization storedQuantization(const ModelFiles& files);
StoredQuantization storedQuantization(const std::filesystem::path& model);
/// The run with the quantization that its base then has in memory, whatever it asks for.
RunConfig asStored(RunConfig config, const std::optional<QuantizationSpec>& stored);
/// Throws BadConfig where a run asks for another quantization of such a model, or for its full finetuning.
void requireAsStored(const RunConfig& config, const StoredQuantization& stored);

/// The bytes that a run's adapter, checkpoints and record may take on the disk, in so many steps; where those are
/// not known, with two checkpoints at most.
int64_t roomForRun(const RunConfig& config, int64_t trainableParameters, std::optional<int64_t> steps);
/// Those that a run needs beyond what it has saved: for a checkpoint and the adapter, each beside its old one.
int64_t roomForNextSave(int64_t trainableParameters);

/// How a model's file stores its embedding.
StoredType tableType(const std::filesystem::path& model);

/// How the run wants its base in memory.
BaseChoice baseChoice(const RunConfig& config);

} // namespace lorikeet
