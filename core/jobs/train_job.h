// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string_view>

#include "core/jobs/job_progress.h"
#include "core/jobs/workshop.h"
#include "core/runs/run_lock.h"
#include "core/train/run_config.h"
#include "core/train/run_control.h"
#include "core/train/run_events.h"

namespace lorikeet {

/// Trains as the run's file says, on this thread: opens model and data, records the run in the database and its
/// folder, saves the adapter to runs/ID/adapter, or the model of a full finetuning to runs/ID/model. The observer hears
/// everything from StartEvent to one EndEvent, after which nothing comes; the end is also returned.
///
/// What can be foreseen is refused before a run is recorded: a missing model or tokenizer, data without a row to train
/// on, an unwritable data folder, a disk without room (NotFound, BadFile, BadConfig, NotBuilt, Io). Later errors end
/// the run as failed, in the record too, and are thrown after the EndEvent; a loss that diverges is such an end without
/// an exception. A stop saves a checkpoint and the adapter, a pause a checkpoint; while model and data are being opened
/// both throw Cancelled. At the end, however it comes, the memory of model and activations is given back.
EndEvent trainRun(Workshop& workshop, const RunConfig& config, const RunObserver& observer,
                  const ProgressObserver& progress, RunControl& control);
EndEvent trainRun(Workshop& workshop, const RunConfig& config, const RunObserver& observer,
                  const ProgressObserver& progress = {}, std::stop_token stop = {});

struct ResumeOptions {
    /// The step of the one to go on from, 0: none, from the beginning; absent: the newest that is whole.
    std::optional<int64_t> checkpoint = {};
    std::optional<RunLock> lock = {}; ///< of the run, where the caller has it already
};

/// Goes on with a run that was stopped, paused or interrupted, or that failed, as trainRun would have: from its last
/// checkpoint, or from the beginning where it has none. A run that never began, as a queued one, begins. What was
/// recorded past the checkpoint goes. Of a finished run, unless a checkpoint is named, the end is told again.
///
/// Refused before the record or a checkpoint changes: a run that is alive (Busy), one whose rows or model are not those
/// that it was trained with, or whose kernel set this processor lacks (BadConfig), a checkpoint that does not fit it
/// (BadFile), one of a newer Lorikeet (NotBuilt), one that is not there (NotFound), checkpoints of which none is whole
/// (BadFile, Io), a queued run that needs more memory than is free (OutOfMemory) or is taken out of the queue meanwhile
/// (Cancelled), and what trainRun refuses. A checkpoint that is damaged or cannot be read is passed over with a
/// warning, unless it was named; it is kept as "step-N.damaged" until the run has got so far again.
EndEvent resumeRun(Workshop& workshop, std::string_view id, const RunObserver& observer,
                   const ProgressObserver& progress, RunControl& control, ResumeOptions options = {});

} // namespace lorikeet
