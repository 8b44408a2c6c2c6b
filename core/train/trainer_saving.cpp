// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/train/trainer.h"

namespace lorikeet {

/// Whether the newest checkpoint is of the last step, with all that has been done since.
bool Trainer::isSaved() const {
    return m_saved && m_saved->step == m_state.step && m_saved->isEvaluated == m_state.isEvaluated &&
           m_saved->samplesDrawn == m_state.samplesDrawn;
}

void Trainer::writeCheckpoint() {
    turnTo(RunPhase::Saving);
    const Clock::time_point started = Clock::now();
    m_state.seconds = seconds();
    m_state.facts = m_facts.state();
    const std::optional<int64_t> best = m_state.best ? std::optional(m_state.best->step) : std::nullopt;
    std::vector<int64_t> dropped = m_shelf.save({.context = m_parts.context,
                                                 .adapter = m_parts.adapter,
                                                 .optimizer = m_optimizer,
                                                 .trainedOver = m_parts.trainedOver,
                                                 .modelTexts = m_parts.modelTexts,
                                                 .identity = m_identity,
                                                 .state = m_state,
                                                 .history = m_history},
                                                best);
    m_saved = m_state;
    m_facts.add(RunPhase::Saving, std::chrono::duration<double>(Clock::now() - started).count());
    tell(CheckpointEvent{m_state.step, m_shelf.folderOf(m_state.step), std::move(dropped)});
}

/// Saves a checkpoint of the last step, once. What prevents it is a warning, a full disk or a failure of the run.
void Trainer::saveCheckpoint() {
    if (isSaved() || !requireFinite())
        return;
    if (m_watch.isBeyond(m_lastLoss)) {
        tell(WarningEvent{fmt::format("checkpoint of step {} was not saved: the loss of {:.2f} is beyond {:.2f}",
                                      m_state.step, m_lastLoss, m_watch.bound())});
        return;
    }
    try {
        writeCheckpoint();
    } catch (const Error& error) {
        if (isDiskFull(error))
            m_diskFull = error.message();
        if (error.code() != ErrorCode::Io && error.code() != ErrorCode::BadFile)
            throw;
        tell(WarningEvent{fmt::format("checkpoint of step {} was not saved: {}", m_state.step, error.message())});
    }
}

/// Whether all that is trained is finite; if not, the run has failed.
bool Trainer::requireFinite() {
    std::vector<float> values;
    for (const Parameter& parameter : m_parts.adapter.parameters()) {
        values.resize(std::size_t(parameter.value.view().elements()));
        m_parts.context.backend().download(m_parts.context, parameter.value, values.data());
        if (std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); }))
            continue;
        m_failureCode = "not_finite";
        m_failure = fmt::format("after step {}: {} has values that are not finite; it was not saved. A lower "
                                "training.learning_rate or a warm-up (training.warmup_steps) may help",
                                m_state.step, parameter.name);
        return false;
    }
    return true;
}

/// Saves what was trained while an error is on its way; says where it is, or nothing.
std::string Trainer::rescue() noexcept {
    try {
        if (m_state.step == 0 || m_isChanging || m_watch.hasDiverged() || m_watch.isBeyond(m_lastLoss) ||
            !requireFinite())
            return {};
        if (!isSaved())
            writeCheckpoint();
        return fmt::format("; the {} as it was after step {} is in {}", m_parts.adapter.isWhole() ? "model" : "adapter",
                           m_state.step, m_shelf.folderOf(m_state.step).string());
    } catch (...) {
        return {}; // the error on its way is the one to tell
    }
}

} // namespace lorikeet
