// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/runs/run_record.h"
#include "core/train/run_events.h"

namespace lorikeet {

class RunStore;

/// Writes a run's events into its record, and hands them on. A record that cannot be written (a full disk) does not
/// end the training: it is told once, as a warning.
class RunRecorder {
public:
    /// Both must outlive it.
    RunRecorder(RunStore& store, std::string run, const RunObserver& observer);

    void operator()(const RunEvent& event);
    /// What the run turns to; not handed on.
    void operator()(RunPhase phase);

private:
    void record(const RunEvent& event);
    template <typename Write>
    void tryTo(Write&& write);

    RunStore& m_store;
    std::string m_run;
    const RunObserver& m_observer;
    int64_t m_step = 0; ///< the last finished one that was told of
    bool m_hasWarned = false;
};

/// Bytes by the tags' names, without tags that have none, and back.
NamedBytes namedBytes(const MemoryByTag& bytes);
MemoryByTag memoryOf(const NamedBytes& bytes);

/// What would have been recorded of these events.
RunHistory historyOf(const std::vector<RunEvent>& events);

} // namespace lorikeet
