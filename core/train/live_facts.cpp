// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/live_facts.h"

#include <numeric>

#include "core/data/batches.h"
#include "core/train/run_config.h"

namespace lorikeet {
namespace {

int64_t tokensOf(const EvaluationRows& rows) {
    if (!rows)
        return 0;
    const std::vector<int32_t>& lengths = rows.scan->lengths;
    if (rows.selection.empty())
        return std::accumulate(lengths.begin(), lengths.end(), int64_t(0));
    int64_t tokens = 0;
    for (const int64_t row : rows.selection)
        tokens += lengths[std::size_t(row)];
    return tokens;
}

} // namespace

LiveFacts::LiveFacts(const RunConfig& config, StepPlanner& planner, int64_t steps, const EvaluationRows& evaluation)
    : m_config(config), m_planner(planner), m_steps(steps),
      m_evaluates(bool(evaluation)), m_units{.evaluationTokens = tokensOf(evaluation),
                                             .sampleTokens =
                                                 int64_t(config.samples.prompts.size()) * config.samples.maxNewTokens,
                                             .checkpointing = config.training.gradientCheckpointing} {}

double LiveFacts::addStep(int64_t step, int64_t tokens, double seconds, const DataCursor& cursor) {
    m_state.pace.addStep(tokens, seconds);
    const int64_t ahead = m_planner.tokensAhead(cursor, m_steps - step);
    return secondsLeft(m_state.pace, runAhead(m_config, step, m_steps, ahead, m_evaluates), m_units);
}

void LiveFacts::add(RunPhase phase, double seconds) {
    switch (phase) {
    case RunPhase::Evaluating:
        m_state.pace.evaluations.add(seconds);
        return;
    case RunPhase::Sampling:
        m_state.pace.samplings.add(seconds);
        return;
    case RunPhase::Saving:
        m_state.pace.saves.add(seconds);
        return;
    case RunPhase::Training:
        return;
    }
}

void LiveFacts::restore(const State& state) {
    m_state = state;
    m_state.pace.goOn();
}

std::vector<std::string> LiveFacts::judgeStep(double loss, double gradNorm) {
    return watchStep(m_state.watch, m_config.training, loss, gradNorm);
}

std::vector<std::string> LiveFacts::judgeEvaluation(double loss) {
    return watchEvaluation(m_state.watch, loss);
}

} // namespace lorikeet
