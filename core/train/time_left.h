// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include <nlohmann/json_fwd.hpp>

namespace lorikeet {

struct RunConfig;

/// What a run has still to do.
struct RunAhead {
    int64_t tokens = 0; ///< to train
    int64_t evaluations = 0;
    int64_t samplings = 0; ///< of all prompts
    int64_t saves = 0;
};

/// What is due after `step` of `steps` has been computed: at that step itself, at those that follow, and the adapter at
/// the end. `tokens` are those of the steps that follow.
RunAhead runAhead(const RunConfig& config, int64_t step, int64_t steps, int64_t tokens, bool evaluates);

/// Something that happened so many times and took so long in all, the last few times.
struct Duration {
    double seconds = 0.0;
    int64_t times = 0;

    void add(double more);
    double mean() const { return times > 0 ? seconds / double(times) : 0.0; }
    bool operator==(const Duration&) const = default;
};

/// How long the parts of a run have taken; a checkpoint keeps it.
struct RunPace {
    int64_t steps = 0;
    double tokens = 0.0;  ///< of the latest steps, older ones counting less
    double seconds = 0.0; ///< of the same
    Duration evaluations, samplings, saves;

    /// A step. The first one warms up, and counts only until there is another. One that took far longer than its tokens
    /// lead to expect, as where the process was stopped (Ctrl-Z), counts as a long one.
    void addStep(int64_t stepTokens, double stepSeconds);
    /// What another process has measured, perhaps on another machine, counts as little as a few steps do.
    void goOn();
    bool operator==(const RunPace&) const = default;
};

/// What an evaluation and a sampling are, for as long as none has been measured.
struct RunUnits {
    int64_t evaluationTokens = 0;
    int64_t sampleTokens = 0; ///< of all prompts together
    bool checkpointing = true;
};

/// Seconds that are left, 0 before the first step. A token of an evaluation costs a third of a trained one, a fourth
/// where that is computed twice; one of a sample as much as two trained ones, as measured on processors.
double secondsLeft(const RunPace& pace, const RunAhead& ahead, const RunUnits& units);

nlohmann::ordered_json paceToJson(const RunPace& pace);
/// Throws as readValue() of state_json.h.
RunPace paceFromJson(const nlohmann::json& json);

} // namespace lorikeet
