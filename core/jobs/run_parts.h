// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/formats/tensor_file.h"
#include "core/jobs/workshop.h"
#include "core/model/adapter.h"
#include "core/model/model_config.h"
#include "core/train/run_config.h"

namespace lorikeet {

/// The run's file with paths that hold from any folder, and with what the adapter to go on from decides. Throws as the
/// reader of that adapter, and BadConfig where the file contradicts it.
RunConfig completedRun(RunConfig config, const ModelConfig& model);

/// The run's file with paths that hold from any folder.
RunConfig withAbsolutePaths(RunConfig config);

/// What the adapter that a run goes on from was made as. Throws BadFile, NotBuilt.
LoraSpec readInitialAdapter(const std::filesystem::path& folder, const ModelConfig& model);

/// The bytes that a run's adapter, checkpoints and record may take on the disk.
int64_t roomForRun(const RunConfig& config, int64_t trainableParameters);
/// Those that a run needs beyond what it has saved: for a checkpoint and the adapter, each beside its old one.
int64_t roomForNextSave(int64_t trainableParameters);

/// How a model's file stores its embedding.
StoredType tableType(const std::filesystem::path& model);

/// How the run wants its base in memory.
BaseChoice baseChoice(const RunConfig& config);

} // namespace lorikeet
