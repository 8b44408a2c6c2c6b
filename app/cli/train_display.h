// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/output.h"
#include "core/train/run_events.h"

namespace lorikeet::cli {

/// Shows a run's events: JSON lines; or on a terminal one line that redraws itself, with loss, tokens/s and time left,
/// and plain lines in a pipe. Main thread only.
class TrainDisplay {
public:
    explicit TrainDisplay(bool json);

    void show(const RunEvent& event);
    RunObserver observer() {
        return [this](const RunEvent& event) { show(event); };
    }

private:
    void showForPeople(const RunEvent& event);
    void showStart(const StartEvent& event);
    void showStep(const StepEvent& event);
    void showEnd(const EndEvent& event);
    /// A line that stays, above the one that redraws itself.
    void say(const std::string& line);

    bool m_json;
    ProgressLine m_progress;
    StepEvent m_last;
    double m_firstLoss = 0.0;
};

/// kDone, kStopped or kFailed.
int exitCodeOf(const EndEvent& end);

} // namespace lorikeet::cli
