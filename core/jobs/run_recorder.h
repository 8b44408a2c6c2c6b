// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

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

private:
    void record(const RunEvent& event);

    RunStore& m_store;
    std::string m_run;
    const RunObserver& m_observer;
    bool m_hasWarned = false;
};

/// Bytes by the tags' names, without tags that have none.
NamedBytes namedBytes(const MemoryByTag& bytes);

} // namespace lorikeet
