// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <stop_token>

#include "core/jobs/job_progress.h"
#include "core/model/blocksizes.h"
#include "core/train/run_config.h"

namespace lorikeet {

/// The blocksizes of a run's linear layers where its file leaves them open ("auto"), else none: those that its folder
/// holds since it began, so that it goes on over the same weights; else chosen now. `folder` is empty for a run that
/// has none yet. Throws as chooseBlocksizes, and BadFile for a damaged record.
Blocksizes runBlocksizes(const RunConfig& config, const std::filesystem::path& model,
                         const std::filesystem::path& folder, int threads, const ProgressObserver& progress,
                         std::stop_token stop);

/// Writes them into the run's folder; nothing where there are none. Throws Io.
void recordBlocksizes(const std::filesystem::path& folder, const RunConfig& config, const Blocksizes& blocksizes);

/// Throws BadConfig where a run's checkpoint was made over other blocksizes.
void requireSameBlocksizes(const std::filesystem::path& checkpoint, const Blocksizes& blocksizes);

} // namespace lorikeet
