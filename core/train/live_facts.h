// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/train/evaluation.h"
#include "core/train/run_events.h"
#include "core/train/run_watch.h"
#include "core/train/time_left.h"

namespace lorikeet {

struct DataCursor;
struct RunConfig;
class StepPlanner;

/// What a run tells of itself while it goes on, beside its numbers: warnings in plain words, and the time that is left.
class LiveFacts {
public:
    /// What a checkpoint keeps.
    struct State {
        RunWatchState watch;
        RunPace pace;
    };

    /// Of a run of so many steps. The references must outlive it.
    LiveFacts(const RunConfig& config, StepPlanner& planner, int64_t steps, const EvaluationRows& evaluation);

    /// Takes a step that was computed, with the cursor after it; returns the seconds that are left of the run, what is
    /// due after this step included.
    double addStep(int64_t step, int64_t tokens, double seconds, const DataCursor& cursor);
    /// Takes something that was done to its end, other than training.
    void add(RunPhase phase, double seconds);
    /// The warnings that a step or an evaluation gives cause for.
    std::vector<std::string> judgeStep(double loss, double gradNorm);
    std::vector<std::string> judgeEvaluation(double loss);

    const State& state() const { return m_state; }
    /// Goes on from what another process has kept.
    void restore(const State& state);

private:
    const RunConfig& m_config;
    StepPlanner& m_planner;
    int64_t m_steps;
    bool m_evaluates;
    RunUnits m_units;
    State m_state;
};

} // namespace lorikeet
