// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stop_token>

#include "core/jobs/job_progress.h"
#include "core/jobs/workshop.h"
#include "core/train/run_config.h"
#include "core/train/run_events.h"

namespace lorikeet {

/// Trains as the run's file says, on this thread: opens model and data, records the run in the database and its
/// folder, saves the adapter to runs/ID/adapter. The observer hears everything from StartEvent to one EndEvent, after
/// which nothing comes; the end is also returned.
///
/// What can be foreseen is refused before a run is recorded: a missing model or tokenizer, data without a row to train
/// on, an unwritable data folder, a disk without room (NotFound, BadFile, BadConfig, NotBuilt, Io). Later errors end
/// the run as failed, in the record too, and are thrown after the EndEvent; a loss that is not finite is such an end
/// without an exception. A stop saves the adapter; while model and data are being opened it throws Cancelled.
EndEvent trainRun(Workshop& workshop, const RunConfig& config, const RunObserver& observer,
                  const ProgressObserver& progress = {}, std::stop_token stop = {});

} // namespace lorikeet
