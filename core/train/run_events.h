// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/tensor/memory_ledger.h"

namespace lorikeet {

// What a run tells while it goes on: values only, so they can cross threads. `train --json` prints one line each.

struct StartEvent {
    std::string run = {}; ///< its id
    std::string kernels = {};
    int64_t trainableParameters = 0;
    int64_t rows = 0;                        ///< that are trained on
    int64_t skipped = 0;                     ///< that are not, of the training file
    int64_t steps = 0;                       ///< of the whole run
    std::optional<int64_t> resumedFrom = {}; ///< the step that a resumed run goes on after; 0: from the beginning
    MemoryByTag estimate = {};
};

struct StepEvent {
    int64_t step = 0; ///< 1 for the first
    int64_t steps = 0;
    double loss = 0.0;     ///< mean over the step's trained tokens
    double gradNorm = 0.0; ///< before clipping
    double learningRate = 0.0;
    int64_t tokens = 0;
    int64_t trainedTokens = 0;
    double tokensPerSecond = 0.0;
    double secondsLeft = 0.0; ///< of the run, evaluations, samples and saves too
    MemoryByTag memory = {};  ///< at the step's peak
    double seconds = 0.0;     ///< since the run's start, at the end of the step
    double epoch = 0.0;       ///< 1.25 after a quarter of the second epoch
    int64_t totalTokens = 0;  ///< of this step and all before it
};

struct EvalEvent {
    int64_t step = 0;
    double loss = 0.0; ///< mean over the evaluation rows' trained tokens
};

struct SampleEvent {
    int64_t step = 0;
    std::string prompt;
    std::string text;
};

/// A checkpoint has been saved.
struct CheckpointEvent {
    int64_t step = 0;
    std::filesystem::path path;
    std::vector<int64_t> dropped; ///< steps of earlier ones that were removed to make room
};

struct WarningEvent {
    std::string text;
    bool isRecorded = true; ///< with the run; else whoever hears it is the only one
};

/// What a run does at a moment.
enum class RunPhase : uint8_t { Training, Evaluating, Sampling, Saving };
/// "training", "evaluating", "sampling", "saving".
std::string_view runPhaseName(RunPhase phase);

/// Stopped and paused runs can be resumed; a stopped one has saved its adapter or model, too.
enum class RunOutcome : uint8_t { Finished, Stopped, Paused, Failed };
/// "finished", "stopped", "paused", "failed".
std::string_view runOutcomeName(RunOutcome outcome);

/// How a run ended.
struct EndEvent {
    std::string run = {};
    RunOutcome outcome = RunOutcome::Finished;
    std::string reason = {};    ///< why it failed, paused by itself or finished early, and what to do about it
    std::string errorCode = {}; ///< where it failed: "not_finite", "diverged", or the code of an error
    std::optional<std::filesystem::path> adapter = {}; ///< folder of the adapter that was saved at the end
    std::optional<std::filesystem::path> model = {};   ///< the same of the model of a full finetuning
    MemoryByTag peak = {};                             ///< at the moment when the total was largest
    double seconds = 0.0;
    int64_t steps = 0; ///< that were done
};

using RunEvent = std::variant<StartEvent, StepEvent, EvalEvent, SampleEvent, CheckpointEvent, WarningEvent, EndEvent>;

/// Hears the events of a run, on the thread that runs it.
using RunObserver = std::function<void(const RunEvent&)>;

} // namespace lorikeet
