// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "core/data/batches.h"
#include "core/data/rows_fingerprint.h"
#include "core/tensor/memory_ledger.h"
#include "core/train/live_facts.h"
#include "core/train/loss_watch.h"
#include "core/train/run_config.h"
#include "core/train/run_events.h"

namespace lorikeet {

/// Where a run is after a step: together with what it trains and the optimizer's state all that it needs to go on.
/// Random numbers are functions of seed and step, so nothing of them is kept.
struct TrainingState {
    int64_t step = 0; ///< that has been finished; 0: none yet
    DataCursor cursor;
    bool isEvaluated = false; ///< where an evaluation is due after this step: it has been made
    int64_t samplesDrawn = 0; ///< of those that are due after this step
    int64_t totalTokens = 0;
    double trainingSeconds = 0.0;  ///< of the steps alone
    double seconds = 0.0;          ///< since the run's start, without the time between its parts
    std::optional<EvalEvent> best; ///< the lowest evaluation loss, the first of equal ones
    int64_t evaluationsSinceBest = 0;
    LossWatch::State watch;
    LiveFacts::State facts;
    MemoryByTag peak;
};

/// What a checkpoint belongs to: a run goes on from its own checkpoints only.
struct RunIdentity {
    std::string run; ///< its id
    RunConfig config;
    DataFingerprint data;
    std::string model = {};   ///< fingerprint of the model's files; empty: not known, as with older checkpoints
    std::string kernels = {}; ///< the set that computed it; the same
};

/// The text of state.json.
std::string stateText(const TrainingState& state, const RunIdentity& identity);

/// What stateText wrote into `path`, with numbers that a run can have. Throws BadFile.
void parseState(const std::filesystem::path& path, const std::string& text, TrainingState& state,
                RunIdentity& identity);

/// Throws BadConfig, naming `path` and what differs, where `found` is of another run, configuration, model, data or
/// kernel set than `wanted`. Names, and the kernels that were wished for, may differ.
void requireSameRun(const std::filesystem::path& path, const RunIdentity& found, const RunIdentity& wanted);

} // namespace lorikeet
