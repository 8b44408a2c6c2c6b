// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/wall_time.h"

namespace lorikeet {

/// Where a run is in its life. A queued run waits for its turn, to begin or to go on. Interrupted is never stored: it
/// is what a stored Running means while the run's lock is free.
enum class RunState { Created, Queued, Running, Interrupted, Paused, Finished, Stopped, Failed };

/// "created", "queued", "running", "interrupted", "paused", "finished", "stopped", "failed".
std::string_view runStateName(RunState state);

/// Bytes by the name of a memory tag ("weights", "activations", ...).
using NamedBytes = std::map<std::string, int64_t>;

/// Milliseconds since 1970-01-01 00:00 UTC.
using UnixMilliseconds = int64_t;

/// What is known of a run before it starts.
struct NewRun {
    std::string name;
    std::string model;   ///< as the run file names it
    std::string dataset; ///< path of the training data
    std::string method;  ///< "lora", "full"
    std::string config;  ///< the whole run file, JSON
};

/// One run as the database holds it.
struct RunRecord {
    std::string id;
    std::string name;
    std::string model;
    std::string dataset;
    std::string method;
    std::string config;
    RunState state = RunState::Created;
    int64_t steps = 0;                 ///< finished ones
    std::optional<int64_t> totalSteps; ///< planned ones, known once the data has been counted
    std::optional<double> loss;        ///< of the last step whose loss was finite
    /// Folder of what it had trained at its end: with method "full" that is a model. None while it goes on.
    std::optional<std::string> adapter;
    std::string kernels;
    std::string errorCode, errorMessage; ///< where it failed; the message alone where it paused by itself
    std::string phase;                   ///< what a running run does ("training", "evaluating"); else empty
    NamedBytes estimate;                 ///< bytes by tag as foreseen before the start
    NamedBytes peak;                     ///< bytes by tag when the total was largest, known at the end
    std::optional<int64_t> trainableParameters;
    std::optional<int64_t> rows;          ///< that are trained on
    std::optional<int64_t> skippedRows;   ///< of the training file
    std::optional<double> seconds;        ///< from the start to the last recorded step, or to the end
    std::optional<double> bestEvaluation; ///< the lowest evaluation loss
    bool isDeleted = false;               ///< hidden, until it is purged or shown again
    UnixMilliseconds created = 0;
    std::optional<UnixMilliseconds> started, ended; ///< its first start, its last end
    std::optional<WallTime> moment;                 ///< the date that its chat template tells, from its first start on

    bool operator==(const RunRecord&) const = default;
};

/// A run's start, as recorded.
struct RunStart {
    std::string kernels;
    std::optional<int64_t> totalSteps;
    NamedBytes estimate = {};
    std::optional<int64_t> trainableParameters = {}, rows = {}, skippedRows = {};
    std::optional<WallTime> moment = {};
    bool isFromQueue = false; ///< refused where somebody has taken it out of the queue meanwhile
};

/// A run's end, as recorded.
struct RunEnd {
    RunState state = RunState::Finished; ///< Finished, Stopped, Paused or Failed
    std::optional<std::string> adapter;
    NamedBytes peak;
    std::string errorCode = {}, errorMessage = {};
    std::optional<double> seconds = {};
};

/// What one optimizer step showed. Values that are not finite are stored as null and read back as NaN.
struct StepMetrics {
    int64_t step = 0; ///< counted from 1
    double loss = std::numeric_limits<double>::quiet_NaN();
    double gradNorm = std::numeric_limits<double>::quiet_NaN(); ///< before clipping
    double learningRate = 0;
    int64_t tokens = 0, trainedTokens = 0;
    double tokensPerSecond = std::numeric_limits<double>::quiet_NaN();
    double seconds = std::numeric_limits<double>::quiet_NaN();     ///< since the run's start, at the end of the step
    double epoch = std::numeric_limits<double>::quiet_NaN();       ///< 1.25 after a quarter of the second epoch
    std::optional<int64_t> totalTokens = {};                       ///< of this step and all before it
    double secondsLeft = std::numeric_limits<double>::quiet_NaN(); ///< of the run, as it foresaw at this step
};

/// A point of a loss curve that has been thinned out.
struct LossPoint {
    int64_t step = 0; ///< the first of those that it stands for
    double loss = 0.0;

    bool operator==(const LossPoint&) const = default;
};

/// Live bytes by tag at a step.
struct StepMemory {
    int64_t step = 0;
    NamedBytes bytes;
};

struct EvaluationRecord {
    int64_t step = 0;
    double loss = std::numeric_limits<double>::quiet_NaN();
};

struct SampleRecord {
    int64_t step = 0;
    std::string prompt, text;
};

/// What the user was told while the run went on.
struct WarningRecord {
    int64_t step = 0; ///< the last finished one by then
    std::string text;
    UnixMilliseconds created = 0;
};

struct CheckpointRecord {
    int64_t step = 0;
    std::string path;
    UnixMilliseconds created = 0;
    std::optional<double> evaluationLoss =
        {};              ///< of the evaluation at its step; follows from what is recorded of those
    bool isBest = false; ///< it has the lowest of the run's checkpoints, the first of equal ones
};

/// A run's numbers up to a step, as a checkpoint keeps them.
struct RunHistory {
    std::vector<StepMetrics> metrics;
    std::vector<StepMemory> memory;
    std::vector<EvaluationRecord> evaluations;
    std::vector<SampleRecord> samples;
};

} // namespace lorikeet
